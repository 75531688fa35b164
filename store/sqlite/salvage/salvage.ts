/**
 * All that can be read of a damaged account into another, new one, and a list of what was lost.
 *
 * Invariant: whatever bytes of a message are found come through; where a part is lost, its place says so. Nothing is written to
 * the damaged account.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Flag, type FlagSet, NO_FLAGS } from "../../flags.ts";
import { parseStructure } from "../../mime/parser.ts";
import { type ByteSource, memorySource } from "../../mime/source.ts";
import type { MailStore } from "../../store.ts";
import type { MailboxName, SpecialUse } from "../../types.ts";
import type { RestoredMessage, RestoredPlace, Upkeep } from "../../upkeep.ts";
import { FileSource, TEMPORARY } from "../content.ts";
import { LOST_BODY, LOST_HEADER } from "../repairemail.ts";
import { LOST_AND_FOUND } from "../repairmailboxes.ts";
import { isMailboxName, SPECIAL_USES } from "../verifyaccount.ts";
import { digestOf } from "../verifycontent.ts";
import { exists, namesIn, Snapshot } from "../verifyreport.ts";
import { FoundMail, type FoundMessage } from "./mail.ts";
import { Pages } from "./pages.ts";

const PORTION_BYTES = 8 << 20;
const PORTION_MESSAGES = 200;
const CHUNK = 1 << 18;

export interface SalvageReport {
  /** A message of which something, or all, is lost. */
  lost(place: string, what: string): void;
  /** Another email is done. */
  progress(of: number): void;
}

export interface Salvaged {
  readonly messages: number;
  /** Of these, in Lost+Found: nothing says where they were. */
  readonly homeless: number;
  /** Messages of which something is lost, those wholly lost included. */
  readonly lost: number;
}

/** @param path of the damaged mail.db, which may be missing; content files are beside it @throws {StoreError} diskfull, limit */
export async function salvage(
  path: string,
  into: { readonly mail: MailStore; readonly upkeep: Upkeep },
  report: SalvageReport,
): Promise<Salvaged> {
  using _still = hold(path);
  using pages = exists(path) ? new Pages(path) : undefined;
  const content = join(dirname(path), "content");
  const found = pages && new FoundMail(pages);
  return await new Salvage(found, content, into, report).run();
}

/** Keeps others from moving pages out of the log, and from beginning a new one. undefined: SQLite cannot even open it */
function hold(path: string): Disposable | undefined {
  let db: Snapshot | undefined;
  try {
    db = new Snapshot(path);
    db.row("SELECT 1 FROM sqlite_schema");
    return db;
  } catch {
    db?.[Symbol.dispose]();
    return undefined;
  }
}

class Salvage {
  /** Content files that no entry names. */
  readonly #unknown: Set<string>;
  readonly #byHeader = new Map<string, string>();
  #messages = 0;
  #homeless = 0;
  #lost = 0;
  #portion: RestoredMessage[] = [];
  #bytes = 0;

  constructor(
    readonly found: FoundMail | undefined,
    readonly content: string,
    readonly into: { readonly mail: MailStore; readonly upkeep: Upkeep },
    readonly report: SalvageReport,
  ) {
    this.#unknown = new Set(namesIn(content).filter((name) => !name.startsWith(TEMPORARY)));
  }

  async run(): Promise<Salvaged> {
    const { found } = this;
    if (found) await this.#all(found);
    for (const name of this.#unknown) {
      using source = FileSource.open(join(this.content, name), () => {});
      await this.#add(source, [this.#lostAndFound()]);
      this.#homeless++;
    }
    await this.#flush();
    return { messages: this.#messages, homeless: this.#homeless, lost: this.#lost };
  }

  async #all(found: FoundMail): Promise<void> {
    for (const id of found.emails.keys()) {
      const file = found.content(id)?.file;
      if (file) this.#unknown.delete(file);
    }
    this.#knowHeaders();
    const names = await this.#makeMailboxes(found);
    const placed = new Map<number, FoundMessage[]>();
    for (const message of found.messages) placed.set(message.email, [...placed.get(message.email) ?? [], message]);
    const of = placed.size;
    for (const [id, messages] of placed) {
      const places = messages.map((message) => ({
        mailbox: names.get(message.mailbox) ?? LOST_AND_FOUND,
        flags: found.flags(message),
        internalDate: message.internalDate,
      }));
      const [{ mailbox, uid }] = messages;
      await this.#email(found, id, places, `${names.get(mailbox) ?? `mailbox ${mailbox}`}: UID ${uid}`);
      this.report.progress(of);
    }
    for (const id of found.emails.keys()) {
      if (placed.has(id) || found.expunged.has(id)) continue;
      await this.#email(found, id, [this.#lostAndFound()], `email ${id}`);
      this.#homeless++;
    }
  }

  /** Content files whose names are lost are known by their headers. */
  #knowHeaders(): void {
    for (const name of this.#unknown) {
      using source = FileSource.open(join(this.content, name), () => {});
      this.#byHeader.set(digest(source.read(0, parseStructure(source).root.part.bodyStart)), name);
    }
  }

  async #makeMailboxes(found: FoundMail): Promise<Map<number, MailboxName>> {
    const { mail } = this.into;
    const names = new Map<number, MailboxName>();
    for (const [id, { name, specialUse }] of [...found.mailboxes].toSorted(([a], [b]) => a - b)) {
      if (!isMailboxName(name)) continue;
      names.set(id, name as MailboxName);
      if (await mail.mailbox(name as MailboxName)) continue;
      const taken = new Set<string>((await mail.mailboxes()).flatMap(({ specialUse }) => specialUse));
      const uses = specialUse.split(" ").filter((use) => SPECIAL_USES.has(use) && !taken.has(use));
      await mail.createMailbox(name as MailboxName, uses as SpecialUse[]);
    }
    return names;
  }

  async #email(found: FoundMail, id: number, places: readonly RestoredPlace[], place: string): Promise<void> {
    const header = found.header(id);
    const content = found.content(id);
    const file = content ? content.file : header && this.#byHeader.get(digest(header));
    if (file && exists(join(this.content, file))) {
      this.#unknown.delete(file);
      using source = FileSource.open(join(this.content, file), () => {});
      if (content && !Buffer.from(content.sha256).equals(digestOf(source))) this.#tell(place, "its bytes are damaged");
      return await this.#add(source, places);
    }
    const bytes = content?.bytes;
    if (!header && !bytes) return this.#tell(place, "lost");
    const source = memorySource(Buffer.concat([header ?? LOST_HEADER, bytes ?? LOST_BODY]));
    if (!header) this.#tell(place, "its header is lost");
    else if (!bytes) this.#tell(place, "all but its header is lost");
    else if (!Buffer.from(content.sha256).equals(digestOf(source))) this.#tell(place, "its bytes are damaged");
    await this.#add(source, places);
  }

  #tell(place: string, what: string): void {
    this.#lost++;
    this.report.lost(place, what);
  }

  #lostAndFound(): RestoredPlace {
    const flags: FlagSet = { ...NO_FLAGS, fixed: Flag.Seen };
    return { mailbox: LOST_AND_FOUND, flags, internalDate: Math.floor(Date.now() / 1000) };
  }

  async #add(source: ByteSource, places: readonly RestoredPlace[]): Promise<void> {
    const { mail } = this.into;
    if (places.some(({ mailbox }) => mailbox === LOST_AND_FOUND) && !await mail.mailbox(LOST_AND_FOUND)) {
      await mail.createMailbox(LOST_AND_FOUND);
    }
    const draft = await mail.draft(source.size);
    this.#portion.push({ draft, places });
    for (let at = 0; at < source.size; at += CHUNK) await draft.write(source.read(at, at + CHUNK));
    this.#messages += places.length;
    this.#bytes += source.size;
    if (this.#bytes >= PORTION_BYTES || this.#portion.length >= PORTION_MESSAGES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const portion = this.#portion;
    this.#portion = [];
    this.#bytes = 0;
    if (portion.length > 0) await this.into.upkeep.restore(portion);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
