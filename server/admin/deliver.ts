/** `roost deliver`: one message from standard input to a recipient, beside a running server or without one. */
import type { Account, Store } from "../../store/store.ts";
import type { MailboxName } from "../../store/types.ts";
import type { Config } from "../config/schema.ts";
import { deliver as deliverMessage, type DeliveryResult } from "../delivery/delivery.ts";
import { findRecipient } from "../delivery/recipient.ts";
import { NoError } from "../imap/errors.ts";
import { mailboxName } from "../imap/wire/names.ts";
import { withStore } from "./data.ts";
import { AdminError } from "./errors.ts";

/** sysexits.h. Mail servers send a message back for all codes but TEMPFAIL. */
const EX = { DATAERR: 65, NOUSER: 67, CANTCREAT: 73, TEMPFAIL: 75, NOPERM: 77 } as const;

// deno-lint-ignore no-control-regex -- these are what must not be in an address
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029<>]/;

export interface DeliverOptions {
  /** "" is the null sender; undefined: what the message says stays. */
  readonly sender?: string;
  /** undefined: as address and header say. */
  readonly mailbox?: string;
}

/** @throws {AdminError} with one of the exit codes; TEMPFAIL for all that the message is not to blame for, so that it is not lost */
export async function deliver(config: string | undefined, address: string, options: DeliverOptions): Promise<void> {
  try {
    await withStore(config, (store, config) => deliverInput(store, config, address, options));
  } catch (error) {
    if (error instanceof AdminError && error.exitCode !== 1) throw error;
    throw new AdminError(error instanceof Error ? error.message : String(error), EX.TEMPFAIL);
  }
}

async function deliverInput(
  store: Store,
  config: Config,
  address: string,
  { sender, mailbox }: DeliverOptions,
): Promise<void> {
  if (sender !== undefined && CONTROL.test(sender)) throw new AdminError("the sender is no address", EX.DATAERR);
  const recipient = await findRecipient(store.directory, address, config.delivery.delimiter);
  if (recipient === "domain") throw new AdminError(`the domain of ${address} is disabled`, EX.TEMPFAIL);
  if (recipient === "removed") throw new AdminError(`the account ${address} is removed`, EX.NOUSER);
  if (recipient === "unknown") throw new AdminError(`there is no account ${address}`, EX.NOUSER);
  const named = mailbox === undefined ? undefined : await existing(store, recipient.account, mailbox);
  const [{ result }] = await deliverMessage(
    { store, config },
    { sender, recipients: [{ ...recipient, mailbox: named }], size: 0 },
    withCrlf(notEmpty(Deno.stdin.readable)),
  );
  const failure = failureOf(result, config);
  if (failure) throw new AdminError(...failure);
}

/** @throws {AdminError} it is not there, or cannot be */
async function existing(store: Store, { id, address }: Account, text: string): Promise<MailboxName> {
  try {
    const name = mailboxName(text);
    if (await store.mail(id).mailbox(name)) return name;
  } catch (error) {
    if (error instanceof NoError) throw new AdminError(error.message, EX.CANTCREAT);
    throw error;
  }
  throw new AdminError(`${address} has no mailbox ${text}`, EX.CANTCREAT);
}

function failureOf(result: DeliveryResult, { limits, delivery }: Config): [string, number] | undefined {
  switch (result) {
    case "delivered":
    case "duplicate":
      return undefined;
    case "overquota":
      return ["the account is full", delivery.overQuota === "permanent" ? EX.NOPERM : EX.TEMPFAIL];
    case "toolarge":
      return [`the message is larger than ${limits.messageSize} bytes (limits.messageSize)`, EX.DATAERR];
    case "diskfull":
      return ["there is no space left", EX.TEMPFAIL];
    case "unavailable":
      return ["the account cannot be used at the moment", EX.TEMPFAIL];
  }
}

/** @throws {AdminError} there is nothing */
async function* notEmpty(input: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let empty = true;
  for await (const bytes of input) {
    if (bytes.length > 0) empty = false;
    yield bytes;
  }
  if (empty) throw new AdminError("there is no message on standard input", EX.DATAERR);
}

const CR = 13;
const LF = 10;

/**
 * Mail servers hand messages to programs with bare LF line ends: each becomes CRLF. A message whose first line ends with CRLF is
 * taken as it is.
 */
export async function* withCrlf(message: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let asItIs: boolean | undefined;
  let last = 0;
  for await (const bytes of message) {
    if (asItIs === undefined) {
      const at = bytes.indexOf(LF);
      if (at >= 0) asItIs = (at > 0 ? bytes[at - 1] : last) === CR;
    }
    yield asItIs === false ? replaced(bytes, last) : bytes;
    last = bytes.at(-1) ?? last;
  }
}

/** @param last the byte before these */
function replaced(bytes: Uint8Array, last: number): Uint8Array {
  let bare = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === LF && (at > 0 ? bytes[at - 1] : last) !== CR) bare++;
  if (bare === 0) return bytes;
  const result = new Uint8Array(bytes.length + bare);
  let to = 0;
  for (const byte of bytes) {
    if (byte === LF && last !== CR) result[to++] = CR;
    result[to++] = last = byte;
  }
  return result;
}
