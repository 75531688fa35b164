/**
 * The messages that a mailbox had before an import, so that it adds only what is missing: as many of equal date and bytes as there
 * are, each counts for one in the source.
 *
 * Only what has the same date and size (its lowest bits) is read and compared; so a first import reads nothing.
 */
import { createHash } from "node:crypto";
import type { ByteSource } from "../../store/mime/source.ts";
import type { MailStore } from "../../store/store.ts";
import { type EmailId, type MailboxId, MAX_UID, type ModSeq, type Uid } from "../../store/types.ts";
import { piecesOf } from "./lineends.ts";

const NEVER = Number.MAX_SAFE_INTEGER as ModSeq;

export class Present {
  /** How many of each hash are left, by key; made when the key is first asked for. */
  readonly #hashes = new Map<number, Map<string, number>>();

  private constructor(
    readonly mail: MailStore,
    /** Ascending. */
    readonly keys: Float64Array,
    readonly emails: Float64Array,
  ) {}

  static async of(mail: MailStore, mailbox: MailboxId): Promise<Present> {
    const { messages } = await mail.status(mailbox);
    let keys = new Float64Array(messages);
    let emails = new Float64Array(messages);
    let count = 0;
    const all = [{ first: 1 as Uid, last: MAX_UID }];
    for await (const rows of mail.read(mailbox, all, ["internalDate", "size", "emailId"], NEVER)) {
      for (const [date, size, email] of rows.slice(0, messages - count)) {
        keys[count] = key(date, size);
        emails[count++] = email;
      }
    }
    const order = Uint32Array.from({ length: count }, (_, at) => at).sort((a, b) => keys[a] - keys[b]);
    keys = Float64Array.from(order, (at) => keys[at]);
    emails = Float64Array.from(order, (at) => emails[at]);
    return new Present(mail, keys, emails);
  }

  /** Whether it is there, one time more than was asked before. */
  async take(date: number, content: ByteSource): Promise<boolean> {
    if (this.keys.length === 0) return false;
    const wanted = key(date, content.size);
    let hashes = this.#hashes.get(wanted);
    if (!hashes) {
      const first = lowerBound(this.keys, wanted);
      if (this.keys[first] !== wanted) return false;
      this.#hashes.set(wanted, hashes = await this.#read(first, wanted));
    }
    const hash = hashOf(content);
    const left = hashes.get(hash) ?? 0;
    if (left === 0) return false;
    hashes.set(hash, left - 1);
    return true;
  }

  async #read(first: number, wanted: number): Promise<Map<string, number>> {
    const hashes = new Map<string, number>();
    for (let at = first; this.keys[at] === wanted; at++) {
      using content = await this.mail.content(this.emails[at] as EmailId);
      // Gone since: it is missing now.
      if (!content) continue;
      const hash = hashOf(content);
      hashes.set(hash, (hashes.get(hash) ?? 0) + 1);
    }
    return hashes;
  }
}

/** Date and the lowest 16 bits of the size in one number without loss. */
function key(date: number, size: number): number {
  return date * 65536 + size % 65536;
}

function hashOf(content: ByteSource): string {
  const hash = createHash("sha256");
  for (const piece of piecesOf(content)) hash.update(piece);
  return hash.digest("base64");
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
