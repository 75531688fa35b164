/**
 * Reads messages of the source: small ones many at once, large ones in pieces, so that memory stays flat.
 *
 * A message that cannot be read, or at which the connection is lost again and again, is told and left out; it holds up no other.
 */
import type { ImapFlow } from "imapflow";
import { Header } from "../../store/mime/header.ts";
import type { Draft, MailStore } from "../../store/store.ts";
import type { Connection } from "./connection.ts";
import { faultText, isRefusal, ProtocolError } from "./errors.ts";
import type { FlagTexts } from "./flags.ts";

/** What one FETCH asks for. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 4 * 1024 * 1024;
/** Larger messages are read in pieces. */
const WHOLE = 1024 * 1024;
const PIECE = WHOLE;
/** Bytes that are kept because an earlier message has not come yet. */
const MOST_EARLY = 64 * 1024 * 1024;
/** The last second of the year 9999. */
const MOST_DATE = 253_402_300_799;
/** How often the connection may be lost at one message. */
const MOST_LOST = 3;

export interface SourceMessage {
  readonly uid: number;
  /** As the source says, which may be wrong. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly date: number;
  /** As `flagsText` writes them. */
  readonly flags: string;
  /** "" without one. */
  readonly messageId: string;
}

export interface BodiesOptions {
  readonly mail: MailStore;
  readonly maxSize: number;
  skipped(uid: number, why: string): void;
  /** Takes the draft. */
  take(message: SourceMessage, draft: Draft): Promise<void>;
}

/** What is known of messages before they are read. @param identities read Message-IDs, too */
export async function readMetadata(
  client: ImapFlow,
  uids: readonly number[],
  texts: FlagTexts,
  identities: boolean,
): Promise<SourceMessage[]> {
  const query = { uid: true, flags: true, internalDate: true, size: true };
  const headers = identities ? { headers: ["message-id"] } : {};
  const found = new Map<number, SourceMessage>();
  const wanted = new Set(uids);
  for await (const message of client.fetch(sequenceSet(uids), { ...query, ...headers }, { uid: true })) {
    const { uid, size, flags, internalDate } = message;
    if (uid === undefined || !wanted.has(uid)) continue;
    const messageId = identities && message.headers ? identity(message.headers) : "";
    found.set(uid, { uid, size: size ?? 0, date: seconds(internalDate), flags: texts.of(flags), messageId });
  }
  return [...found.values()].sort((a, b) => a.uid - b.uid);
}

/** The Message-ID as it stands in a header; "" without one. */
export function identity(header: Uint8Array): string {
  return new Header(header).get("message-id")?.trim().slice(0, 1000) ?? "";
}

function seconds(date: Date | string | undefined): number {
  const time = date instanceof Date ? date.getTime() : Date.now();
  return Math.min(MOST_DATE, Math.max(0, Math.floor(time / 1000)));
}

/** `1:3,5`. @param uids ascending */
export function sequenceSet(uids: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < uids.length;) {
    let end = at;
    while (end + 1 < uids.length && uids[end + 1] === uids[end] + 1) end++;
    parts.push(end === at ? `${uids[at]}` : `${uids[at]}:${uids[end]}`);
    at = end + 1;
  }
  return parts.join(",");
}

export class Bodies {
  /** How often the connection was lost while a message was asked for. */
  readonly #lost = new Map<number, number>();

  constructor(readonly connection: Connection, readonly options: BodiesOptions) {}

  /** Reads them in this order, with a client that has their mailbox open. @throws what ends the connection; {StoreError} */
  async read(client: ImapFlow, messages: readonly SourceMessage[]): Promise<void> {
    let batch: SourceMessage[] = [];
    let bytes = 0;
    const flush = async () => {
      if (batch.length > 0) await this.#whole(client, batch);
      batch = [];
      bytes = 0;
    };
    for (const message of messages) {
      const { uid, size } = message;
      const lost = this.#lost.get(uid) ?? 0;
      const alone = size > WHOLE || lost > 0;
      if (alone || batch.length >= MOST_MESSAGES || bytes + size > MOST_BYTES) await flush();
      if (size > this.options.maxSize) this.options.skipped(uid, this.#tooLarge(size));
      else if (lost >= MOST_LOST) this.options.skipped(uid, "the connection is lost whenever it is read");
      else if (alone) await this.#pieces(client, message);
      else {
        batch.push(message);
        bytes += size;
      }
    }
    await flush();
  }

  #tooLarge(size: number): string {
    return `it has ${size} bytes, more than ${this.options.maxSize} (--max-size takes more)`;
  }

  async #whole(client: ImapFlow, batch: readonly SourceMessage[]): Promise<void> {
    const left = new Map(batch.map((message) => [message.uid, message]));
    try {
      const uids = sequenceSet(batch.map(({ uid }) => uid));
      // Servers may answer in any order; the store wants theirs ascending, and gets them so.
      const early = new Map<number, Uint8Array>();
      let bytes = 0;
      let next = 0;
      for await (const { uid, source } of client.fetch(uids, { uid: true, source: true }, { uid: true })) {
        if (uid === undefined || !source || !left.has(uid) || early.has(uid)) continue;
        early.set(uid, source);
        if ((bytes += source.length) > MOST_EARLY) throw new ProtocolError("the server sends more than was asked for");
        for (; next < batch.length && early.has(batch[next].uid); next++) {
          const body = early.get(batch[next].uid) ?? source;
          await this.#took(batch[next], body);
          bytes -= body.length;
          early.delete(batch[next].uid);
          left.delete(batch[next].uid);
        }
      }
      for (; next < batch.length; next++) {
        const bytes = early.get(batch[next].uid);
        // What was not sent is asked for by itself: it is gone, or the server says why not.
        if (bytes) await this.#took(batch[next], bytes);
        else await this.#pieces(client, batch[next]);
        left.delete(batch[next].uid);
      }
    } catch (error) {
      if (isRefusal(error)) { for (const message of left.values()) await this.#pieces(client, message); }
      else {
        for (const uid of left.keys()) if (!(this.#lost.get(uid) ?? 0)) this.#lost.set(uid, 1);
        throw error;
      }
    }
  }

  async #took(message: SourceMessage, bytes: Uint8Array): Promise<void> {
    const { mail, maxSize, skipped, take } = this.options;
    if (bytes.length > maxSize) return skipped(message.uid, this.#tooLarge(bytes.length));
    if (bytes.length === 0) return skipped(message.uid, "it is empty");
    const draft = await mail.draft(bytes.length);
    try {
      await draft.write(bytes);
    } catch (error) {
      await draft.discard();
      throw error;
    }
    await take(message, draft);
  }

  async #pieces(client: ImapFlow, message: SourceMessage): Promise<void> {
    const { mail, maxSize, skipped, take } = this.options;
    const { uid } = message;
    const draft = await mail.draft(message.size);
    try {
      for (let start = 0;; start += PIECE) {
        const query = { uid: true, source: { start, maxLength: PIECE } };
        const piece = await client.fetchOne(String(uid), query, { uid: true });
        if (!piece || !piece.source) {
          await draft.discard();
          if (piece) skipped(uid, "the server does not give its content");
          return;
        }
        await draft.write(piece.source.subarray(0, PIECE));
        if (draft.size > maxSize) {
          await draft.discard();
          return skipped(uid, this.#tooLarge(draft.size));
        }
        if (piece.source.length < PIECE) break;
      }
      this.#lost.delete(uid);
    } catch (error) {
      await draft.discard();
      if (!isRefusal(error)) {
        this.#lost.set(uid, (this.#lost.get(uid) ?? 0) + 1);
        throw error;
      }
      return skipped(uid, faultText(error));
    }
    if (draft.size > 0) return await take(message, draft);
    await draft.discard();
    skipped(uid, "it is empty");
  }
}
