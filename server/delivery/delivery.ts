/**
 * One message into the mailboxes of its recipients: what LMTP and `roost deliver` share.
 *
 * Invariants: a recipient whose outcome is `delivered` has the message, safe on the disk; one whose outcome is anything but that and
 * `duplicate` has nothing of it. An account keeps the content once, however many of its addresses are recipients.
 */
import { getLogger } from "@logtape/logtape";
import { NO_FLAGS } from "../../store/flags.ts";
import type { ByteSource } from "../../store/mime/source.ts";
import type { Account, Draft, MailStore, Store } from "../../store/store.ts";
import { type MailboxName, StoreError } from "../../store/types.ts";
import type { Config } from "../config/schema.ts";
import { deliveryDone, serverBug } from "../metrics.ts";
import { destination } from "./destination.ts";
import { headerFacts, traceFields, withoutReturnPath } from "./header.ts";
import type { Recipient } from "./recipient.ts";

const log = getLogger(["roost", "delivery"]);

/** Copied at a time. */
const PIECE = 64 * 1024;
/** Accounts that one message is written for at a time. */
const PARALLEL = 4;
const DUPLICATE_SECONDS = 60;

export type DeliveryResult =
  | "delivered"
  | "duplicate" // it came a moment ago: taken and forgotten
  | "overquota"
  | "toolarge" // larger than limits.messageSize
  | "diskfull"
  | "unavailable"; // a later try may succeed

export interface Outcome {
  readonly result: DeliveryResult;
  /** Where it was, or would have been, put. */
  readonly mailbox?: MailboxName;
}

export interface Addressee extends Recipient {
  /** It goes there, whatever its header and its address say. */
  readonly mailbox?: MailboxName;
}

export interface Envelope {
  /** "" is the null sender; undefined: not known. */
  readonly sender: string | undefined;
  /** At least one. */
  readonly recipients: readonly Addressee[];
  /** Bytes that the sender has announced; 0 for unknown. */
  readonly size: number;
}

/** What deliveries are made with. */
export interface Deliverer {
  readonly store: Store;
  readonly config: Pick<Config, "hostname" | "delivery" | "limits">;
}

/**
 * Reads the message to its end and delivers it.
 * @returns an outcome for each recipient, in their order
 * @throws what `message` throws; nothing was delivered then
 */
export async function deliver(
  deliverer: Deliverer,
  envelope: Envelope,
  message: AsyncIterable<Uint8Array>,
): Promise<Outcome[]> {
  const start = performance.now();
  const [first, ...others] = byAccount(deliverer.store, envelope);
  const content = envelope.sender === undefined ? message : withoutReturnPath(message);
  const { draft, fault, size } = await spool(first, envelope.size, content, deliverer.config.limits.messageSize);
  const outcomes = new Map<Addressee, Outcome>();
  let messageId = "";
  if (!draft) { for (const recipient of envelope.recipients) outcomes.set(recipient, { result: fault }); }
  else {
    try {
      // One source for all: each knows where its file stands, and several would not know of each other.
      const source = draft.source();
      const facts = headerFacts(source, deliverer.config.delivery);
      messageId = facts.messageId;
      const body = { source, start: first.head.length };
      await inParallel(others, async (share) => {
        await deliverShare(deliverer, share, facts.junk, outcomes, () => copyOf(share, body));
      });
      // Last, since it takes the bytes that the others are copied from.
      await deliverShare(deliverer, first, facts.junk, outcomes, () => Promise.resolve(draft));
    } finally {
      await draft.discard();
    }
  }
  const seconds = (performance.now() - start) / 1000;
  return envelope.recipients.map((recipient) => {
    const outcome = outcomes.get(recipient) ?? { result: "unavailable" };
    deliveryDone(outcome.result, size, seconds);
    log.info(outcome.result, {
      messageId,
      sender: envelope.sender,
      recipient: recipient.address,
      account: recipient.account.address,
      mailbox: outcome.mailbox,
      size,
    });
    return outcome;
  });
}

/** Whether a message of `size` bytes could be delivered now. */
export async function hasRoom(store: Store, account: Account, size: number): Promise<boolean> {
  const { bytes, limitBytes, messages, limitMessages } = await store.mail(account.id).usage();
  return (limitBytes === 0 || bytes + size <= limitBytes) && (limitMessages === 0 || messages < limitMessages);
}

/** The recipients that are one account. */
interface Share {
  readonly mail: MailStore;
  readonly recipients: Addressee[];
  /** What is written above the message. */
  readonly head: Uint8Array;
}

function byAccount(store: Store, { sender, recipients }: Envelope): Share[] {
  const shares = [...Map.groupBy(recipients, ({ account }) => account.id)];
  return shares.map(([account, recipients]) => ({
    mail: store.mail(account),
    recipients,
    head: traceFields(sender, [...new Set(recipients.map(({ address }) => address))]),
  }));
}

type Spooled =
  & { readonly size: number }
  & (
    | { readonly draft: Draft; readonly fault?: undefined }
    | { readonly draft?: undefined; readonly fault: DeliveryResult }
  );

/** Reads all, whatever becomes of it: who sends does not listen before its end. @throws what `message` throws */
async function spool(
  { mail, head }: Share,
  announced: number,
  message: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Spooled> {
  let draft: Draft | undefined;
  let fault: DeliveryResult | undefined;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      fault = resultOf(error);
      await draft?.discard();
    }
  };
  await attempt(async () => {
    draft = await mail.draft(announced > 0 ? head.length + Math.min(announced, limit) : 0);
    await draft.write(head);
  });
  let size = 0;
  try {
    for await (const bytes of message) {
      size += bytes.length;
      if (fault) continue;
      if (size <= limit) await attempt(async () => await draft?.write(bytes));
      else {
        fault = "toolarge";
        await draft?.discard();
      }
    }
  } catch (error) {
    await draft?.discard();
    throw error;
  }
  return draft && !fault ? { draft, size } : { fault: fault ?? "unavailable", size };
}

/** The message under the head of another account. */
async function copyOf(
  { mail, head }: Share,
  { source, start }: { source: ByteSource; start: number },
): Promise<Draft> {
  const draft = await mail.draft(head.length + source.size - start);
  try {
    await draft.write(head);
    for (let at = start; at < source.size;) {
      const bytes = source.read(at, Math.min(source.size, at + PIECE));
      if (bytes.length === 0) throw new Error("a draft ends before its size");
      await draft.write(bytes);
      at += bytes.length;
    }
    return draft;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Notes the outcome for each recipient of the share; throws nothing. */
async function deliverShare(
  { config: { delivery } }: Deliverer,
  { mail, recipients }: Share,
  junk: boolean,
  outcomes: Map<Addressee, Outcome>,
  content: () => Promise<Draft>,
): Promise<void> {
  const places = new Map<Addressee, MailboxName>();
  try {
    for (const recipient of recipients) {
      const { folder } = recipient;
      const { createFolders } = delivery;
      places.set(recipient, recipient.mailbox ?? await destination(mail, { folder, junk, createFolders }));
    }
    const delivered = await mail.deliver(
      [...new Set(places.values())],
      { draft: await content(), flags: NO_FLAGS },
      { suppressSeconds: delivery.suppressDuplicates ? DUPLICATE_SECONDS : 0 },
    );
    const came = new Set(delivered.filter(({ uid }) => uid !== undefined).map(({ mailbox }) => mailbox.name));
    for (const [recipient, mailbox] of places) {
      outcomes.set(recipient, { result: came.has(mailbox) ? "delivered" : "duplicate", mailbox });
    }
  } catch (error) {
    const result = resultOf(error);
    for (const recipient of recipients) outcomes.set(recipient, { result, mailbox: places.get(recipient) });
  }
}

/** Whatever goes wrong, the mail server has the message still: what is not known to be for good is for now. */
function resultOf(error: unknown): DeliveryResult {
  if (error instanceof StoreError) {
    if (error.fault === "overquota" || error.fault === "diskfull") return error.fault;
    log.warning("a delivery has to be tried again", { error });
    return "unavailable";
  }
  serverBug();
  log.error("a delivery failed", { error });
  return "unavailable";
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, lane));
}
