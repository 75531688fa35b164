/** Stores to be saved and brought back. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type FlagSet, flagSet } from "../../../store/flags.ts";
import type { MailStore, Store } from "../../../store/store.ts";
import { type Backup, backupStore } from "../../../store/sqlite/backup/backup.ts";
import { openStore } from "../../../store/sqlite/open.ts";
import { verifyStore } from "../../../store/sqlite/verify.ts";
import type { MailboxName } from "../../../store/types.ts";

export interface Place {
  readonly dataDir: string;
  readonly target: string;
  readonly directory: string;
  open(dataDir?: string): Promise<Store>;
  /** @returns also what could not be copied, a line each */
  backup(verify?: boolean): Promise<Backup & { faults: string[] }>;
}

/** A test in an empty directory; stores that it opened are closed at its end. */
export function placeTest(title: string, body: (place: Place) => Promise<void>): void {
  Deno.test(title, async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-backup-" });
    const stores: Store[] = [];
    const [dataDir, target] = [join(directory, "data"), join(directory, "backup")];
    try {
      await body({
        dataDir,
        target,
        directory,
        async open(folder = dataDir) {
          const store = await openStore({
            dataDir: folder,
            quotaBytes: 0,
            quotaMessages: 0,
            keep: { seconds: 3600, bytes: 1e9 },
          });
          stores.push(store);
          return store;
        },
        async backup(verify = true) {
          const faults: string[] = [];
          const failed = (what: string, error: unknown) => faults.push(`${what}: ${(error as Error).message}`);
          return { ...await backupStore({ dataDir, target, verify, failed, progress: () => {} }), faults };
        },
      });
    } finally {
      for (const store of stores) await store.close();
      await Deno.remove(directory, { recursive: true });
    }
  });
}

export async function addAccount(store: Store, address: string): Promise<MailStore> {
  const [{ id }] = await store.directory.add([{ address, credentials: { "cram-md5": `secret of ${address}` } }]);
  return store.mail(id);
}

/** Some letters, two of them large; every third is read, every fifth has a keyword. */
export async function fill(mail: MailStore, mailbox: string, count: number, from = 0): Promise<void> {
  if (!await mail.mailbox(mailbox as MailboxName)) await mail.createMailbox(mailbox as MailboxName);
  for (let n = from; n < from + count; n++) {
    const flags = flagSet([...n % 3 === 0 ? ["\\Seen"] : [], ...n % 5 === 0 ? ["Important", "$Forwarded"] : []]);
    await addMessage(mail, mailbox, letter(`${mailbox} ${n}`, n % 10 === 7 ? 200_000 : 200), flags, 1_700_000_000 + n);
  }
}

export function letter(subject: string, size = 200): string {
  const id = createHash("sha256").update(subject).digest("hex").slice(0, 16);
  const lines = Math.ceil(size / 60);
  let body = "";
  for (let n = 0; n < lines; n++) body += `${id.repeat(3)} ${String(n).padStart(9, "0")}\r\n`;
  return `From: Bob <bob@example.org>\r\nSubject: ${subject}\r\nMessage-ID: <${id}@example.org>\r\n` +
    `Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n${body}`;
}

export function messageId(subject: string): string {
  return `<${createHash("sha256").update(subject).digest("hex").slice(0, 16)}@example.org>`;
}

export async function addMessage(
  mail: MailStore,
  mailbox: string,
  text: string,
  flags: FlagSet = flagSet([]),
  internalDate = 1_700_000_000,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const draft = await mail.draft(bytes.length);
  await draft.write(bytes);
  await mail.append(mailbox as MailboxName, [{ draft, flags, internalDate }]);
}

/** What an account holds: mailboxes, and for each message its bytes, date and flags; not its UID. */
export async function contents(mail: MailStore): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const { id, name } of await mail.mailboxes()) {
    const index = await mail.index(id);
    const lines: string[] = [];
    for await (
      const rows of mail.read(
        id,
        [{ first: 1 as never, last: 0xffffffff as never }],
        ["uid", "emailId", "internalDate", "flagWord", "moreKeywords", "size"],
        await mail.modseq(),
      )
    ) {
      for (const [uid, email, date, word, more, size] of rows) {
        using source = await mail.content(email);
        assert.ok(source, `${name} ${uid} has no content`);
        const digest = createHash("sha256").update(source.read(0, source.size)).digest("hex").slice(0, 12);
        assert.deepEqual(more, []);
        const words = Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => word & 1 << bit)
          .map((bit) => bit < 10 ? String(bit) : index.keywords[bit - 10]);
        lines.push(`${digest} ${date} ${size} ${words.sort().join(" ")}`);
      }
    }
    all[name] = lines.sort();
  }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => a < b ? -1 : 1));
}

/** Keeps every promise of a store. */
export async function assertSound(dataDir: string, notes = false): Promise<void> {
  const faults: string[] = [];
  await verifyStore(dataDir, (fault) => void (fault.note && !notes || faults.push(JSON.stringify(fault))));
  assert.deepEqual(faults, []);
}

/** Every file below a folder, with its size. */
export function filesIn(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(join(folder, below))].flatMap(({ name, isDirectory }) => {
    const path = below === "" ? name : `${below}/${name}`;
    return isDirectory ? filesIn(folder, path) : [path];
  }).sort();
}
