/** Does a lane's operations on a store, and reads what a store holds. */
import { FIXED_FLAGS, flagSet } from "../../store/flags.ts";
import type { MailboxIndex } from "../../store/index.ts";
import type { Column, MailStore, NewMessage } from "../../store/store.ts";
import { type MailboxId, type MailboxName, MAX_UID, type ModSeq, type Uid, type UidRanges } from "../../store/types.ts";
import { bytesOf, type Operation, type Place, tokenOf } from "./world.ts";

const EVERYTHING: UidRanges = [{ first: 1 as Uid, last: MAX_UID }];

function ranges(uids: readonly number[]): UidRanges {
  const all: { first: Uid; last: Uid }[] = [];
  for (const uid of uids) {
    const last = all.at(-1);
    if (last && last.last === uid - 1) last.last = uid as Uid;
    else all.push({ first: uid as Uid, last: uid as Uid });
  }
  return all;
}

/** @returns UIDs of new messages, as `after` takes them */
export async function perform(mail: MailStore, operation: Operation): Promise<readonly number[]> {
  switch (operation.kind) {
    case "append": {
      const messages: NewMessage[] = [];
      for (const { token, flags } of operation.messages) {
        const bytes = bytesOf(token);
        const draft = await mail.draft(bytes.length);
        await draft.write(bytes);
        messages.push({ draft, flags: flagSet(flags) });
      }
      return (await mail.append(operation.to as MailboxName, messages)).uids;
    }
    case "copy":
    case "move": {
      const from = await idOf(mail, operation.from);
      const uids = ranges(operation.uids);
      const to = operation.to as MailboxName;
      const copied = operation.kind === "copy" ? await mail.copy(from, uids, to) : await mail.move(from, uids, to);
      if (copied.sourceUids.join() !== operation.uids.join()) throw new Error(`copied only ${copied.sourceUids}`);
      return copied.destinationUids;
    }
    case "flags": {
      const { mode, flags } = operation;
      await mail.storeFlags(await idOf(mail, operation.mailbox), ranges(operation.uids), {
        mode,
        flags: flagSet(flags),
      });
      return [];
    }
    case "expunge":
      await mail.expunge(await idOf(mail, operation.mailbox), operation.uids && ranges(operation.uids));
      return [];
  }
}

async function idOf(mail: MailStore, name: string): Promise<MailboxId> {
  const mailbox = await mail.mailbox(name as MailboxName);
  if (!mailbox) throw new Error(`there is no mailbox ${name}`);
  return mailbox.id;
}

const COLUMNS = ["uid", "size", "emailId"] as const satisfies readonly Column[];

export interface Found {
  readonly places: Place[];
  readonly uidNext: number;
  readonly highest: number;
}

/** All messages of a mailbox. @throws {Error} the index, the rows and the bytes do not agree */
export async function readMailbox(mail: MailStore, name: string): Promise<Found> {
  const id = await idOf(mail, name);
  const index = await mail.index(id);
  const status = await mail.status(id);
  if (status.messages !== index.list.count) throw new Error(`${name}: ${status.messages} counted, not in the index`);
  const places: Place[] = [];
  for await (const rows of mail.read(id, EVERYTHING, COLUMNS, Number.MAX_SAFE_INTEGER as ModSeq)) {
    for (const [uid, size, emailId] of rows) {
      using source = await mail.content(emailId);
      if (!source || source.size !== size) throw new Error(`${name}: UID ${uid} has not its ${size} bytes`);
      places.push({ mailbox: name, uid, token: tokenOf(source.read(0, size)), flags: flagsOf(index, uid) });
    }
  }
  if (places.length !== index.list.count) {
    throw new Error(`${name}: ${places.length} rows, ${index.list.count} indexed`);
  }
  return { places, uidNext: status.uidNext, highest: status.highestModSeq };
}

function flagsOf(index: MailboxIndex, uid: number): string {
  const at = index.list.uids.subarray(0, index.list.count).indexOf(uid);
  if (at < 0) throw new Error(`UID ${uid} is not in the index`);
  const word = index.flagWords[at];
  const names = [...FIXED_FLAGS, ...index.keywords].filter((_, bit) => word & (1 << bit));
  return names.sort().join(" ");
}
