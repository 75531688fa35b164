/** Mirrors of other servers' mailboxes (see store/mirrors.ts). */
import { type FlagSet, NO_FLAGS } from "../flags.ts";
import type { Mirror, MirrorAdded, MirroredFlags, MirroredMessage, Mirrors, NewMirrored } from "../mirrors.ts";
import type { MailboxId, Uid, UidRange, UidRanges } from "../types.ts";
import { addEmail, type PreparedMessage, prepareMessage, storedFlags } from "./append.ts";
import { storeFault } from "./errors.ts";
import { removeUids } from "./expunge.ts";
import { readFlags } from "./flagcolumns.ts";
import { storeFlags } from "./flags.ts";
import { knownAlready } from "./judged.ts";
import { KeywordNumbers } from "./keywords.ts";
import type { SqliteMailStore } from "./mailstore.ts";
import { addMessage } from "./messages.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const MIRRORS = sql(`SELECT id, name, mailbox_id, uidvalidity, modseq, subscribed, keeps_uids
  FROM mirror WHERE source = ? ORDER BY name`);
const START = sql(`INSERT INTO mirror (source, name, mailbox_id, uidvalidity, modseq, subscribed, keeps_uids)
  VALUES (?, ?, ?, ?, '', ?, ?) RETURNING id`);
const NAMED = sql("SELECT id FROM mirror WHERE source = ? AND name = ?");
const RENAME = sql("UPDATE mirror SET name = ? WHERE id = ?");
const SUBSCRIBE = sql("UPDATE mirror SET subscribed = ? WHERE id = ?");
const SET_MODSEQ = sql("UPDATE mirror SET modseq = ? WHERE id = ?");
const SET_KEPT_UNTIL = sql("UPDATE mirror SET kept_until = ? WHERE id = ?");
const KEEPS_UIDS = sql("SELECT keeps_uids FROM mirror WHERE id = ?");
const KEEP_NO_UIDS = sql("UPDATE mirror SET keeps_uids = 0 WHERE id = ?");
const FORGET = sql("DELETE FROM mirror WHERE id = ?");
const MESSAGES = sql("SELECT source_uid, uid, flags FROM mirrored WHERE mirror_id = ? ORDER BY source_uid");
const IS_THERE = sql("SELECT 1 FROM mirrored WHERE mirror_id = ? AND source_uid = ?");
const ADD = sql("INSERT OR REPLACE INTO mirrored (mirror_id, source_uid, uid, flags) VALUES (?, ?, ?, ?)");
const SET_FLAGS = sql("UPDATE mirrored SET flags = ? WHERE mirror_id = ? AND source_uid = ?");
const REMOVE = sql("DELETE FROM mirrored WHERE mirror_id = ? AND source_uid = ?");
const REMOVE_ALL = sql("DELETE FROM mirrored WHERE mirror_id = ?");
const UIDVALIDITY_GIVEN = sql("SELECT 1 FROM mailbox WHERE uidvalidity = ? AND id <> ?");

/** A source that gives higher ones would use up the account's own soon; such a UIDVALIDITY is a time after 2097. */
const MOST_UIDVALIDITY = 0xf0000000;

type MirrorValues = [number, string, MailboxId, number, string, number, number];

export class SqliteMirrors implements Mirrors {
  constructor(readonly mail: SqliteMailStore) {}

  async list(source: string): Promise<Mirror[]> {
    const rows = await this.mail.reading((db) => db.rows<MirrorValues>(MIRRORS, source));
    return rows.map(([id, name, mailbox, uidValidity, modseq, subscribed, keeps]) => {
      return { id, source, name, mailbox, uidValidity, modseq, subscribed: subscribed === 1, keepsUids: keeps === 1 };
    });
  }

  async start(
    mirror: Omit<Mirror, "id" | "modseq" | "keepsUids">,
    keep?: { readonly firstUid: number; readonly above: number },
  ): Promise<Mirror> {
    const { source, name, mailbox, uidValidity, subscribed } = mirror;
    return await this.mail.writing("full", (tx) => {
      forgetNamed(tx, source, name);
      const row = tx.mailbox(mailbox);
      const keepsUids = keep !== undefined && takeUidValidity(tx, row, uidValidity, keep);
      const values = [source, name, mailbox, uidValidity, Number(subscribed), Number(keepsUids)];
      const [id] = tx.db.row<[number]>(START, ...values) ?? [0];
      return { ...mirror, id, modseq: "", keepsUids };
    });
  }

  async update(mirror: Mirror, { name, subscribed }: { name?: string; subscribed?: boolean }): Promise<void> {
    await this.mail.writing("full", (tx) => {
      if (name !== undefined && name !== mirror.name) {
        forgetNamed(tx, mirror.source, name);
        tx.db.run(RENAME, name, mirror.id);
      }
      if (subscribed !== undefined) tx.db.run(SUBSCRIBE, Number(subscribed), mirror.id);
    });
  }

  async forget({ id }: Mirror): Promise<void> {
    await this.mail.writing("full", (tx) => forget(tx, id));
  }

  async messages({ id }: Mirror): Promise<MirroredMessage[]> {
    const rows = await this.mail.reading((db) => db.rows<[number, Uid, string]>(MESSAGES, id));
    // Many messages have the same flags: one text for all of them.
    const texts = new Map<string, string>();
    return rows.map(([sourceUid, uid, read]) => {
      let flags = texts.get(read);
      if (flags === undefined) texts.set(read, flags = read);
      return { sourceUid, uid, flags };
    });
  }

  async adopt({ id }: Mirror, messages: readonly MirroredMessage[]): Promise<void> {
    await this.mail.writing("full", ({ db }) => {
      for (const { sourceUid, uid, flags } of messages) db.run(ADD, id, sourceUid, uid, flags);
    });
  }

  async add(mirror: Mirror, messages: readonly NewMirrored[], above: number): Promise<MirrorAdded> {
    try {
      const prepared: [NewMirrored, PreparedMessage][] = [];
      for (const one of messages) prepared.push([one, await prepareMessage(one.message, this.mail.handle.content)]);
      const { taken, keepsUids } = await this.mail.writing("full", (tx) => addAll(tx, mirror, prepared, above));
      for (const { draft } of taken) draft.taken();
      return { added: taken.length, keepsUids };
    } catch (error) {
      throw storeFault(error);
    } finally {
      for (const { message } of messages) await message.draft.discard();
    }
  }

  async changeFlags(mirror: Mirror, changes: readonly MirroredFlags[], above: number): Promise<void> {
    await this.mail.writing("full", (tx) => {
      raise(tx, mirror, above);
      for (const [mode, flags, uids] of flagChanges(changes)) {
        storeFlags(tx, mirror.mailbox, readFlags(tx, mirror.mailbox, uids), { mode, flags });
      }
      for (const { sourceUid, flags } of changes) tx.db.run(SET_FLAGS, flags, mirror.id, sourceUid);
    });
  }

  async remove(
    mirror: Mirror,
    messages: readonly MirroredMessage[],
    keep: boolean,
    above: number,
  ): Promise<number> {
    return await this.mail.writing("full", (tx) => {
      raise(tx, mirror, above);
      for (const { sourceUid } of messages) tx.db.run(REMOVE, mirror.id, sourceUid);
      if (keep) return 0;
      return removeUids(tx, mirror.mailbox, ranges(messages.map(({ uid }) => uid))).uids.length;
    });
  }

  async finish(mirror: Mirror, modseq: string, uidNext: number, above: number): Promise<void> {
    await this.mail.writing("full", (tx) => {
      tx.db.run(SET_MODSEQ, modseq, mirror.id);
      if (!keepsUids(tx, mirror)) return;
      const row = tx.mailbox(mirror.mailbox);
      if (row.uidNext < uidNext || row.modseq <= above) {
        tx.raise(above);
        tx.change(row);
        row.uidNext = Math.max(row.uidNext, uidNext);
      }
      tx.db.run(SET_KEPT_UNTIL, above, mirror.id);
    });
  }
}

function forgetNamed(tx: Transaction, source: string, name: string): void {
  const [known] = tx.db.row<[number]>(NAMED, source, name) ?? [];
  if (known !== undefined) forget(tx, known);
}

function forget({ db }: Transaction, id: number): void {
  db.run(REMOVE_ALL, id);
  db.run(FORGET, id);
}

function keepsUids({ db }: Transaction, { id }: Mirror): boolean {
  return db.row<[number]>(KEEPS_UIDS, id)?.[0] === 1;
}

function raise(tx: Transaction, mirror: Mirror, above: number): void {
  if (keepsUids(tx, mirror)) tx.raise(above);
}

/** @returns whether the mailbox has it now */
function takeUidValidity(
  tx: Transaction,
  row: MailboxRow,
  uidValidity: number,
  { firstUid, above }: { firstUid: number; above: number },
): boolean {
  if (row.messages > 0 || row.uidNext > firstUid) return false;
  if (!(uidValidity >= 1 && uidValidity <= MOST_UIDVALIDITY)) return false;
  if (tx.db.row(UIDVALIDITY_GIVEN, uidValidity, row.id)) return false;
  tx.raise(above);
  tx.setUidValidity(row, uidValidity);
  return true;
}

function addAll(
  tx: Transaction,
  mirror: Mirror,
  messages: readonly (readonly [NewMirrored, PreparedMessage])[],
  above: number,
): { taken: PreparedMessage[]; keepsUids: boolean } {
  const row = tx.mailbox(mirror.mailbox);
  const kept = keepsUids(tx, mirror);
  let keeps = kept;
  if (keeps) tx.raise(above);
  const taken: PreparedMessage[] = [];
  let keywords: KeywordNumbers | undefined;
  for (const [{ sourceUid, flags }, prepared] of messages) {
    // Another sync was faster.
    if (tx.db.row(IS_THERE, mirror.id, sourceUid)) continue;
    if (keeps && row.uidNext > sourceUid) keeps = false;
    if (keeps) row.uidNext = sourceUid;
    const { message, draft } = prepared;
    const stored = storedFlags(message.flags, () => keywords ??= new KeywordNumbers(tx, row));
    const emailId = addEmail(tx, prepared);
    const internalDate = message.internalDate ?? tx.now;
    const uid = addMessage(tx, tx.change(row), { emailId, internalDate, size: draft.size, ...stored });
    knownAlready(tx, row, emailId, stored.word);
    tx.db.run(ADD, mirror.id, sourceUid, uid, flags);
    taken.push(prepared);
  }
  if (kept && !keeps) {
    tx.setUidValidity(row, tx.nextUidValidity());
    tx.db.run(KEEP_NO_UIDS, mirror.id);
  }
  return { taken, keepsUids: keeps };
}

/** Messages with the same change together. */
function flagChanges(changes: readonly MirroredFlags[]): ["add" | "remove", FlagSet, UidRanges][] {
  const groups = new Map<string, { mode: "add" | "remove"; flags: FlagSet; uids: Uid[] }>();
  for (const { uid, add, remove } of changes) {
    for (const [mode, flags] of [["add", add], ["remove", remove]] as const) {
      if (flags.fixed === NO_FLAGS.fixed && flags.keywords.length === 0) continue;
      const key = `${mode} ${flags.fixed} ${flags.keywords.join(" ")}`;
      const group = groups.get(key);
      if (group) group.uids.push(uid);
      else groups.set(key, { mode, flags, uids: [uid] });
    }
  }
  return [...groups.values()].map(({ mode, flags, uids }) => [mode, flags, ranges(uids)]);
}

function ranges(uids: readonly Uid[]): UidRanges {
  const found: UidRange[] = [];
  let last: { first: Uid; last: Uid } | undefined;
  for (const uid of [...uids].sort((a, b) => a - b)) {
    if (last && uid <= last.last + 1) last.last = uid;
    else found.push(last = { first: uid, last: uid });
  }
  return found;
}
