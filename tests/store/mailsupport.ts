/** A store in a temporary folder, and short ways to say what tests of the mail store need. */
import assert from "node:assert/strict";
import { type FlagSet, flagSet } from "../../store/flags.ts";
import type { Column, Draft, Mailbox, MailStore, NewMessage, Row, Store } from "../../store/store.ts";
import { openStore } from "../../store/sqlite/open.ts";
import {
  type AccountId,
  type MailboxName,
  MAX_UID,
  type ModSeq,
  StoreError,
  type StoreFault,
  type Uid,
  type UidRange,
  type UidRanges,
} from "../../store/types.ts";

const encoder = new TextEncoder();

export const name = (text: string) => text as MailboxName;
export const EVERYTHING: UidRanges = [{ first: 1 as Uid, last: MAX_UID }];
export const NEVER = 0 as ModSeq;

/** Ranges that hold these UIDs, which must ascend. */
export function uids(...list: number[]): UidRange[] {
  return list.map((uid) => ({ first: uid as Uid, last: uid as Uid }));
}

export interface Account {
  readonly dataDir: string;
  readonly account: AccountId;
  readonly store: Store;
  readonly mail: MailStore;
  readonly inbox: Mailbox;
  /** Another store on the same folder, as another process has it. */
  other(): Promise<{ store: Store; mail: MailStore }>;
}

export interface TestOptions {
  readonly quotaBytes?: number;
  readonly quotaMessages?: number;
  readonly keep?: { readonly seconds: number; readonly bytes: number };
}

/** A test with a new account. */
export function mailTest(title: string, body: (t: Account) => Promise<void>, options: TestOptions = {}): void {
  Deno.test(title, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-" });
    const open = () => openStore({ dataDir, quotaBytes: 0, quotaMessages: 0, ...options });
    const stores: Store[] = [await open()];
    try {
      const [store] = stores;
      const [{ id }] = await store.directory.add([{ address: "alice@example.org", credentials: {} }]);
      const mail = store.mail(id);
      const inbox = await named(mail, "INBOX");
      const other = async () => {
        const store = await open();
        stores.push(store);
        return { store, mail: store.mail(id) };
      };
      await body({ dataDir, account: id, store, mail, inbox, other });
    } finally {
      for (const store of stores.reverse()) await store.close();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

export async function named(mail: MailStore, text: string): Promise<Mailbox> {
  const mailbox = await mail.mailbox(name(text));
  assert.ok(mailbox, `there is no mailbox ${text}`);
  return mailbox;
}

/** A message about `subject`; `extra` are more header lines. */
export function letter(subject: string, extra = "", body = "Hello.\r\n"): string {
  return `From: Bob <bob@example.org>\r\nSubject: ${subject}\r\n${extra}\r\n${body}`;
}

export async function draft(mail: MailStore, content: string | Uint8Array): Promise<Draft> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  const draft = await mail.draft(bytes.length);
  await draft.write(bytes);
  return draft;
}

export async function message(mail: MailStore, content: string | Uint8Array, ...flags: string[]): Promise<NewMessage> {
  return { draft: await draft(mail, content), flags: flagSet(flags) };
}

/** Appends letters, in one operation. @returns their UIDs */
export async function append(mail: MailStore, mailbox: string, ...letters: (string | Uint8Array)[]): Promise<number[]> {
  const messages = [];
  for (const content of letters) messages.push(await message(mail, content));
  return [...(await mail.append(name(mailbox), messages)).uids];
}

export const set = (...flags: string[]): { mode: "set"; flags: FlagSet } => ({ mode: "set", flags: flagSet(flags) });
export const add = (...flags: string[]): { mode: "add"; flags: FlagSet } => ({ mode: "add", flags: flagSet(flags) });
export const remove = (...flags: string[]): { mode: "remove"; flags: FlagSet } => ({
  mode: "remove",
  flags: flagSet(flags),
});

/** All rows of a read. */
export async function rows<const C extends readonly Column[]>(
  mail: MailStore,
  mailbox: Mailbox,
  columns: C,
  ranges: UidRanges = EVERYTHING,
  told: ModSeq = Number.MAX_SAFE_INTEGER as ModSeq,
): Promise<Row<C>[]> {
  const all: Row<C>[] = [];
  for await (const batch of mail.read(mailbox.id, ranges, columns, told)) all.push(...batch);
  return all;
}

export async function faults(fault: StoreFault, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof StoreError && error.fault === fault);
}

/** The live UIDs that the index knows. */
export async function indexed(mail: MailStore, mailbox: Mailbox): Promise<number[]> {
  const { list } = await mail.index(mailbox.id);
  return [...list.uids.subarray(0, list.count)];
}

/** Names of a folder's files, sorted; empty where there is no folder. */
export function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Resolves when `met` is true; asked every few milliseconds. */
export async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!await met()) {
    assert.ok(Date.now() < end, "it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
