/** `roost deliver`: one message from standard input into an account, beside a running server or without one. */
import { NO_FLAGS } from "../../store/flags.ts";
import { StoreError, type StoreFault } from "../../store/types.ts";
import { NoError } from "../imap/errors.ts";
import { mailboxName } from "../imap/wire/names.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";

/** sysexits.h EX_TEMPFAIL: a mail server keeps the message and tries again. */
const TRY_AGAIN = 75;
const TEMPORARY: readonly StoreFault[] = ["overquota", "diskfull", "inuse"];

/** @throws {AdminError} no such account or mailbox, too large; exit code 75 where a later try may succeed */
export async function deliver(
  config: string | undefined,
  address: string,
  { mailbox }: { mailbox: string },
): Promise<void> {
  const name = parseName(mailbox);
  await withStore(config, async (store, { limits }) => {
    const mail = store.mail((await findAccount(store, address)).id);
    const message = withCrlf(await readMessage(limits.messageSize));
    const draft = await mail.draft(message.length);
    try {
      await draft.write(message);
      await mail.append(name, [{ draft, flags: NO_FLAGS }]);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.fault === "nonexistent") throw new AdminError(`${address} has no mailbox ${name}`);
      throw new AdminError(error.message, TEMPORARY.includes(error.fault) ? TRY_AGAIN : 1);
    } finally {
      await draft.discard();
    }
  });
}

function parseName(text: string) {
  try {
    return mailboxName(text);
  } catch (error) {
    if (error instanceof NoError) throw new AdminError(error.message, 2);
    throw error;
  }
}

async function readMessage(limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Deno.stdin.readable) {
    size += chunk.length;
    if (size > limit) throw new AdminError(`the message is larger than ${limit} bytes (limits.messageSize)`);
    chunks.push(chunk);
  }
  if (size === 0) throw new AdminError("there is no message on standard input");
  const message = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    message.set(chunk, at);
    at += chunk.length;
  }
  return message;
}

const CR = 13;
const LF = 10;

/** Mail servers hand messages to programs with bare LF line ends. A message that has any CRLF is taken as it is. */
export function withCrlf(message: Uint8Array): Uint8Array {
  let lines = 0;
  for (let at = message.indexOf(LF); at >= 0; at = message.indexOf(LF, at + 1)) {
    if (at > 0 && message[at - 1] === CR) return message;
    lines++;
  }
  if (lines === 0) return message;
  const result = new Uint8Array(message.length + lines);
  let to = 0;
  for (const byte of message) {
    if (byte === LF) result[to++] = CR;
    result[to++] = byte;
  }
  return result;
}
