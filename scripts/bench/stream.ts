/** A connection's bytes, as the client reads and writes them. */
export interface ByteStream {
  /** @returns how many bytes of `into` were filled; null at the end */
  read(into: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** All of them. */
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** A connection to this machine, without TLS. */
export async function connectPlain(port: number): Promise<ByteStream> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  socket.setNoDelay(true);
  return {
    read: (into) => socket.read(into),
    write: (bytes) => writeAll(socket, bytes),
    close: () => socket.close(),
  };
}

export async function writeAll(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await socket.write(bytes.subarray(done));
}
