/** "127.0.0.1:1143", "[::1]:1143", "/run/roost/lmtp" */
export function place({ address, port, path }: { address: string; port: number; path?: string }): string {
  return path ?? (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);
}
