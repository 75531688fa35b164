/**
 * Messages that a mailbox had before it was mirrored, so that none of them comes a second time: same date, size and Message-ID, or,
 * without a Message-ID, same bytes. Each counts once.
 */
import { createHash } from "node:crypto";
import { piecesOf } from "../formats/lineends.ts";
import type { ByteSource } from "../../store/mime/source.ts";
import type { MailStore } from "../../store/store.ts";
import { type EmailId, type MailboxId, MAX_UID, type ModSeq, type Uid } from "../../store/types.ts";
import { identity, type SourceMessage } from "./bodies.ts";

const NEVER = Number.MAX_SAFE_INTEGER as ModSeq;

export class Present {
  private constructor(
    readonly mail: MailStore,
    readonly mailbox: MailboxId,
    readonly uids: Map<string, { readonly uid: Uid; readonly email: EmailId }[]>,
  ) {}

  /** @param known UIDs of messages that are the source's already */
  static async of(mail: MailStore, mailbox: MailboxId, known: ReadonlySet<Uid> = new Set()): Promise<Present> {
    const uids = new Map<string, { uid: Uid; email: EmailId }[]>();
    const everything = [{ first: 1 as Uid, last: MAX_UID }];
    for await (const rows of mail.read(mailbox, everything, ["uid", "internalDate", "size", "emailId"], NEVER)) {
      for (const [uid, date, size, email] of rows) {
        if (known.has(uid)) continue;
        const same = uids.get(key(date, size));
        if (same) same.push({ uid, email });
        else uids.set(key(date, size), [{ uid, email }]);
      }
    }
    return new Present(mail, mailbox, uids);
  }

  get empty(): boolean {
    return this.uids.size === 0;
  }

  /** The UID here of a message that is here, by what is known of it without its content. */
  async take({ date, size, messageId }: SourceMessage): Promise<Uid | undefined> {
    const same = this.uids.get(key(date, size));
    if (!same || messageId === "") return undefined;
    for (const [at, { uid }] of same.entries()) {
      for await (const rows of this.mail.read(this.mailbox, [{ first: uid, last: uid }], ["header"], NEVER)) {
        for (const [header] of rows) {
          if (identity(header) !== messageId) continue;
          same.splice(at, 1);
          return uid;
        }
      }
    }
    return undefined;
  }

  /** The same for one without a Message-ID, by its content. */
  async takeContent({ date, messageId }: SourceMessage, content: ByteSource): Promise<Uid | undefined> {
    const same = this.uids.get(key(date, content.size));
    if (!same || messageId !== "") return undefined;
    const wanted = hashOf(content);
    for (const [at, { uid, email }] of same.entries()) {
      using bytes = await this.mail.content(email);
      if (!bytes || hashOf(bytes) !== wanted) continue;
      same.splice(at, 1);
      return uid;
    }
    return undefined;
  }
}

function key(date: number, size: number): string {
  return `${date} ${size}`;
}

function hashOf(content: ByteSource): string {
  const hash = createHash("sha256");
  for (const piece of piecesOf(content)) hash.update(piece);
  return hash.digest("base64");
}
