/** What is said on the control socket, as it is checked. The server loads it with the first request only: it makes starts slower. */
import { z } from "zod";

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
