/**
 * What the command line and the running server say to each other: a connection to a Unix socket in the data directory's `run` for each
 * request. The request is one line of JSON; the answer is lines of JSON, and only one that ends with `done` or `fault` is whole.
 *
 * Who may connect is whoever may write to the socket: the server's own user (0600), and root.
 */
import { join } from "node:path";
import { runPlace } from "../../store/sqlite/bellrun.ts";

/** Longest request, and longest line of an answer, in bytes. */
export const MAX_REQUEST = 4096;
export const MAX_LINE = 64 * 1024;

export type { ControlReply, ControlRequest, SessionFacts } from "./schemas.ts";

/** @param folder where the processes of a data directory find each other */
export function socketIn(folder: string): string {
  return join(folder, "control");
}

/** The socket of a data directory's server, whether there is one or not. @throws {Deno.errors.NotFound} there is no such directory */
export function socketOf(dataDir: string): string {
  return socketIn(runPlace(Deno.realPathSync(dataDir)).path);
}
