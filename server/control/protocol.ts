/**
 * What the command line and the running server say to each other: a connection to a Unix socket in the data directory's `run` for each
 * request. The request is one line of JSON; the answer is lines of JSON, and only one that ends with `done` or `fault` is whole.
 *
 * Who may connect is whoever may write to the socket: the server's own user (0600), and root.
 */
import { join } from "node:path";
import { z } from "zod";
import { runPlace } from "../../store/sqlite/bellrun.ts";

/** Longest request, and longest line of an answer, in bytes. */
export const MAX_REQUEST = 4096;
export const MAX_LINE = 64 * 1024;

const account = z.int().positive();

export const requestSchema = z.discriminatedUnion("do", [
  /** Those of one account or all. */
  z.strictObject({ do: z.literal("sessions"), account: account.optional() }),
  z.strictObject({ do: z.literal("endAccount"), account }),
  z.strictObject({ do: z.literal("endSession"), session: z.string().max(20) }),
]);

const sessionSchema = z.strictObject({
  id: z.string(),
  /** "imap", "imaps", "https". */
  protocol: z.string(),
  /** Address; null: nobody is logged in. */
  account: z.string().nullable(),
  remote: z.string(),
  /** Seconds since 1970. */
  since: z.int(),
  /** "TLSv1.3"; "TLS" where no more is known; "" for none. */
  tls: z.string(),
  /** What the client says that it is; "". */
  program: z.string(),
  /** The selected mailbox. */
  mailbox: z.string().nullable(),
  /** Seconds since it last did something. */
  idle: z.int(),
  /** The server's thread that has it, from 1. */
  worker: z.int(),
});

export const replySchema = z.union([
  z.strictObject({ session: sessionSchema }),
  /** How many sessions were listed or ended. */
  z.strictObject({ done: z.int() }),
  /** One line for the person who asked. */
  z.strictObject({ fault: z.string() }),
]);

export type ControlRequest = z.output<typeof requestSchema>;
export type ControlReply = z.output<typeof replySchema>;
export type SessionFacts = z.output<typeof sessionSchema>;

/** @param folder where the processes of a data directory find each other */
export function socketIn(folder: string): string {
  return join(folder, "control");
}

/** The socket of a data directory's server, whether there is one or not. @throws {Deno.errors.NotFound} there is no such directory */
export function socketOf(dataDir: string): string {
  return socketIn(runPlace(Deno.realPathSync(dataDir)).path);
}
