/** Imports into and exports from accounts of a store in memory of the test, and what is compared of them. */
import { createHash } from "node:crypto";
import { importMail } from "../../server/formats/importer.ts";
import { exportMail } from "../../server/formats/exporter.ts";
import { emlWriter } from "../../server/formats/eml/write.ts";
import { readEml } from "../../server/formats/eml/read.ts";
import { maildirWriter } from "../../server/formats/maildir/write.ts";
import { readMaildir } from "../../server/formats/maildir/read.ts";
import { mboxWriter } from "../../server/formats/mbox/write.ts";
import { readMbox } from "../../server/formats/mbox/read.ts";
import type { MailSource, Report } from "../../server/formats/source.ts";
import type { TreeWriter } from "../../server/formats/target.ts";
import { flagNames } from "../../server/imap/flags.ts";
import type { MailStore } from "../../store/store.ts";
import type { MailboxName } from "../../store/types.ts";
import { type Account, mailTest, rows } from "../store/mailsupport.ts";

export type Format = "maildir" | "mbox" | "eml";
export const FORMATS: Record<Format, { read(path: string, report: Report): MailSource; writer: TreeWriter }> = {
  maildir: { read: readMaildir, writer: maildirWriter },
  mbox: { read: readMbox, writer: mboxWriter },
  eml: { read: readEml, writer: emlWriter },
};

/** What was told of a run, a line each: `skipped: place: why`; the folder is left out of the place. */
export class Told {
  readonly lines: string[] = [];

  constructor(readonly folder: string) {}

  skipped(place: string, why: string): void {
    this.#tell("skipped", place, why);
  }

  noted(place: string, what: string): void {
    this.#tell("note", place, what);
  }

  #tell(kind: string, place: string, text: string): void {
    this.lines.push(
      `${kind}: ${place.replaceAll(this.folder, "").replace(/^\//, "")}: ${text.replaceAll(this.folder, "")}`,
    );
  }

  progress(): void {}
}

export interface Place extends Account {
  /** A folder of the test, real path. */
  readonly folder: string;
  /** Another new account in the same store. */
  fresh(): Promise<MailStore>;
  write(file: string, content: string | Uint8Array, modified?: number): void;
  /** Imports a path within the folder. @returns counts and what was told */
  bring(
    format: Format,
    path: string,
    options?: { into?: MailStore; below?: string; maxSize?: number },
  ): Promise<{ added: number; present: number; told: string[] }>;
  /** Exports to a path within the folder. */
  take(format: Format, path: string, from?: MailStore): Promise<{ written: number; present: number; told: string[] }>;
}

export function transferTest(title: string, body: (t: Place) => Promise<void>): void {
  mailTest(title, async (account) => {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "roost-formats-" }));
    let accounts = 0;
    try {
      await body({
        ...account,
        folder,
        async fresh() {
          const [{ id }] = await account.store.directory.add([{
            address: `a${accounts++}@example.org`,
            credentials: {},
          }]);
          return account.store.mail(id);
        },
        write(file, content, modified) {
          const path = `${folder}/${file}`;
          Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
          Deno.writeFileSync(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
          if (modified !== undefined) Deno.utimeSync(path, modified, modified);
        },
        async bring(format, path, { into = account.mail, below, maxSize = 100_000_000 } = {}) {
          const told = new Told(folder);
          const source = FORMATS[format].read(`${folder}/${path}`, told);
          const options = { below: below as MailboxName | undefined, maxSize, maxKeywords: 1000 };
          const { added, present } = await importMail(into, source, options, told);
          return { added, present, told: told.lines };
        },
        async take(format, path, from = account.mail) {
          const told = new Told(folder);
          const { written, present } = await exportMail(from, `${folder}/${path}`, FORMATS[format].writer, told);
          return { written, present, told: told.lines };
        },
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

export interface SeenMessage {
  readonly date: number;
  readonly flags: string;
  readonly text: string;
}

/** Messages of a mailbox in the order of their UIDs. */
export async function messages(mail: MailStore, mailbox = "INBOX"): Promise<SeenMessage[]> {
  const found = await mail.mailbox(mailbox as MailboxName);
  if (!found) throw new Error(`there is no mailbox ${mailbox}`);
  const index = await mail.index(found.id);
  const columns = ["flagWord", "moreKeywords", "internalDate", "emailId"] as const;
  const seen: SeenMessage[] = [];
  for (const [word, more, date, email] of await rows(mail, found, columns)) {
    using content = await mail.content(email);
    const bytes = content?.read(0, content.size) ?? new Uint8Array();
    seen.push({ date, flags: flagNames(index, word, more).sort().join(" "), text: characters(bytes) });
  }
  return seen;
}

/** One character a byte; long texts as their hash. */
function characters(bytes: Uint8Array): string {
  if (bytes.length > 10_000) return createHash("sha256").update(bytes).digest("hex");
  return [...bytes].map((byte) => String.fromCharCode(byte)).join("");
}

/** All that an export and an import must keep. */
export async function everything(mail: MailStore): Promise<Record<string, unknown>> {
  const mailboxes = (await mail.mailboxes()).toSorted((a, b) => a.name < b.name ? -1 : 1);
  const all: Record<string, unknown> = { "": (await mail.subscriptions()).sort() };
  for (const { name, specialUse } of mailboxes) {
    all[name] = { specialUse: [...specialUse].sort(), messages: await messages(mail, name) };
  }
  return all;
}
