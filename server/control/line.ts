/** One line from a connection, however it comes in pieces. */

/**
 * @param limit most bytes
 * @returns the line without its line feed; undefined: the connection ended before it, or it is too long
 */
export async function readLine(connection: Pick<Deno.Conn, "read">, limit: number): Promise<string | undefined> {
  const buffer = new Uint8Array(limit);
  for (let held = 0; held < limit;) {
    const count = await connection.read(buffer.subarray(held));
    if (count === null) return undefined;
    const end = buffer.subarray(held, held + count).indexOf(10);
    held += count;
    if (end >= 0) return new TextDecoder().decode(buffer.subarray(0, held - count + end));
  }
  return undefined;
}

export async function writeAll(connection: Pick<Deno.Conn, "write">, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
