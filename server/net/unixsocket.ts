/** Sockets in the file system, which stay there when the program that made them is killed. */

/** What stands at a path that a socket is wanted at. */
export type SocketState =
  | "free"
  | "stale" // a socket that nobody listens at
  | "taken" // somebody listens
  | "other"; // no socket

/** @throws {Error} it cannot be found out */
export async function socketState(path: string): Promise<SocketState> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "free";
    throw error;
  }
  if (!info.isSocket) return "other";
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return "taken";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return "stale";
    if (error instanceof Deno.errors.NotFound) return "free";
    throw error;
  }
}

/** Makes room for a socket. @throws {Error} somebody listens there, or something else stands there */
export async function clearSocket(path: string): Promise<void> {
  const state = await socketState(path);
  if (state === "taken") throw new Error("another program listens there");
  if (state === "other") throw new Error("what stands there is no socket");
  if (state === "stale") await Deno.remove(path);
}
