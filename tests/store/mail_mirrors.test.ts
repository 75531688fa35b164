import assert from "node:assert/strict";
import { flagSet, NO_FLAGS } from "../../store/flags.ts";
import { flagsText, type Mirror, type NewMirrored } from "../../store/mirrors.ts";
import type { ModSeq, Uid } from "../../store/types.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { type Account, append, draft, faults, indexed, letter, mailTest, named, rows, uids } from "./mailsupport.ts";

const SOURCE = "ann@old.example.org";

async function news({ mail }: Account, ...sourceUids: number[]): Promise<NewMirrored[]> {
  const made: NewMirrored[] = [];
  for (const sourceUid of sourceUids) {
    const message = { draft: await draft(mail, letter(`${sourceUid}`)), flags: NO_FLAGS, internalDate: 1000 };
    made.push({ sourceUid, message, flags: "" });
  }
  return made;
}

function start(
  { store, account, inbox }: Account,
  keep?: { firstUid: number; above: number },
  uidValidity = 77,
): Promise<Mirror> {
  const mirror = { source: SOURCE, name: "INBOX", mailbox: inbox.id, uidValidity, subscribed: true };
  return store.mirrors(account).start(mirror, keep);
}

function mirrorTest(title: string, body: (t: Account) => Promise<void>): void {
  mailTest(title, async (t) => {
    await body(t);
    const found: unknown[] = [];
    await verifyStore(t.dataDir, (fault) => found.push(fault));
    assert.deepEqual(found, []);
  });
}

mirrorTest("messages and what is known of them are there together, each once", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const mirror = await start(t);
  assert.equal((await mirrors.add(mirror, await news(t, 10, 20), 0)).added, 2);
  // As another run that was as far.
  assert.equal((await mirrors.add(mirror, await news(t, 20, 30), 0)).added, 1);
  assert.deepEqual(await mirrors.messages(mirror), [
    { sourceUid: 10, uid: 1, flags: "" },
    { sourceUid: 20, uid: 2, flags: "" },
    { sourceUid: 30, uid: 3, flags: "" },
  ]);
  assert.deepEqual(await indexed(t.mail, t.inbox), [1, 2, 3]);
});

mirrorTest("a mirror that is started anew has forgotten the messages; they stay", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  await mirrors.add(await start(t), await news(t, 1), 0);
  const second = await start(t, undefined, 78);
  assert.deepEqual(await mirrors.messages(second), []);
  assert.deepEqual(await mirrors.list(SOURCE), [second]);
  assert.deepEqual(await indexed(t.mail, t.inbox), [1]);
  await mirrors.forget(second);
  assert.deepEqual(await mirrors.list(SOURCE), []);
});

mirrorTest("flags: what is gone here is no fault, what was changed here stays", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const mirror = await start(t);
  await mirrors.add(mirror, await news(t, 1, 2, 3), 0);
  await t.mail.storeFlags(t.inbox.id, uids(1), { mode: "add", flags: flagSet(["\\Flagged", "own"]) });
  await t.mail.remove(t.inbox.id, uids(2));
  const change = { add: flagSet(["\\Seen", "fresh"]), remove: flagSet(["own"]), flags: "\\Seen fresh" };
  const changes = [1, 2, 3].map((uid) => ({ ...change, sourceUid: uid, uid: uid as Uid }));
  await mirrors.changeFlags(mirror, changes, 0);
  const words = await rows(t.mail, t.inbox, ["flagWord"]);
  // \Seen, \Flagged and the second keyword; without the first one.
  assert.deepEqual(words.map(([word]) => word), [1 | 4 | 1 << 11, 1 | 1 << 11]);
  assert.deepEqual((await mirrors.messages(mirror)).map(({ flags }) => flags), Array(3).fill("\\Seen fresh"));
});

mirrorTest("removals take the messages, or only what is known of them", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const mirror = await start(t);
  await mirrors.add(mirror, await news(t, 1, 2, 3), 0);
  const [first, second] = await mirrors.messages(mirror);
  assert.equal(await mirrors.remove(mirror, [first], false, 0), 1);
  assert.equal(await mirrors.remove(mirror, [second], true, 0), 0);
  assert.deepEqual(await indexed(t.mail, t.inbox), [2, 3]);
  assert.deepEqual((await mirrors.messages(mirror)).map(({ sourceUid }) => sourceUid), [3]);
});

mirrorTest("kept UIDs: given as they are, nothing below is given later, another process sees them", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const other = await t.other();
  await other.mail.index(t.inbox.id);
  await t.mail.index(t.inbox.id);
  const mirror = await start(t, { firstUid: 5, above: 900 });
  assert.equal(mirror.keepsUids, true);
  await mirrors.add(mirror, await news(t, 5, 9), 900);
  await mirrors.finish(mirror, "900", 40, 900);
  assert.deepEqual(await append(t.mail, "INBOX", letter("own")), [40]);
  for (const mail of [t.mail, other.mail]) {
    assert.deepEqual(await indexed(mail, t.inbox), [5, 9, 40]);
    assert.equal((await mail.index(t.inbox.id)).uidValidity, 77);
  }
  assert.ok((await t.mail.status(t.inbox.id)).highestModSeq > 900);
  const created = await t.mail.createMailbox("New" as typeof t.inbox.name);
  assert.ok(created.uidValidity > 1_000_000_000);
});

mirrorTest("a client that knows the source is told of all that is not here (RFC 7162 §5.1)", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const mirror = await start(t, { firstUid: 3, above: 900 });
  await mirrors.add(mirror, await news(t, 3, 4, 9), 900);
  await mirrors.finish(mirror, "900", 12, 900);
  const vanished = async (since: number, ...ranges: [number, number][]) => {
    const asked = ranges.map(([first, last]) => ({ first: first as Uid, last: last as Uid }));
    const told = await t.mail.vanishedSince(t.inbox.id, since as ModSeq, asked);
    return told.map(({ first, last }) => [first, last]);
  };
  assert.deepEqual(await vanished(500, [1, 0xffffffff]), [[1, 2], [5, 8], [10, 11]]);
  assert.deepEqual(await vanished(500, [2, 3], [5, 6], [8, 10]), [[2, 2], [5, 6], [8, 8], [10, 10]]);
  assert.deepEqual(await vanished(500, [3, 4]), []);
  assert.deepEqual(await vanished(900, [1, 0xffffffff]), []);
  await t.mail.remove(t.inbox.id, uids(4));
  assert.deepEqual(await vanished(903, [1, 0xffffffff]), [[4, 4]]);
});

mirrorTest("UIDs are not kept where that would break a promise", async (t) => {
  const refused = async (uidValidity: number, firstUid = 5) => {
    const before = await named(t.mail, "INBOX");
    assert.equal((await start(t, { firstUid, above: 0 }, uidValidity)).keepsUids, false, `${uidValidity}`);
    assert.equal((await named(t.mail, "INBOX")).uidValidity, before.uidValidity);
  };
  await refused((await named(t.mail, "Sent")).uidValidity);
  await refused(0);
  await refused(0xffffffff);
  const [uid] = await append(t.mail, "INBOX", letter("own"));
  await refused(77);
  await t.mail.remove(t.inbox.id, uids(uid));
  await refused(77, 1);
  assert.equal((await start(t, { firstUid: 2, above: 0 })).keepsUids, true);
});

mirrorTest("a UID that other mail has: all UIDs stay, UIDVALIDITY is new", async (t) => {
  const mirrors = t.store.mirrors(t.account);
  const mirror = await start(t, { firstUid: 1, above: 0 });
  await mirrors.add(mirror, await news(t, 1), 0);
  await append(t.mail, "INBOX", letter("own"));
  assert.deepEqual(await mirrors.add(mirror, await news(t, 2, 3), 0), { added: 2, keepsUids: false });
  assert.deepEqual(await indexed(t.mail, t.inbox), [1, 2, 3, 4]);
  assert.ok((await named(t.mail, "INBOX")).uidValidity > 1_000_000_000);
  assert.equal((await mirrors.list(SOURCE))[0].keepsUids, false);
});

mirrorTest("a source's mod-sequence that would use up the account's is not taken over", async (t) => {
  const mirror = await start(t, { firstUid: 1, above: Number.MAX_SAFE_INTEGER });
  await t.store.mirrors(t.account).finish(mirror, "9007199254740991", 1, Number.MAX_SAFE_INTEGER);
  assert.ok(await t.mail.modseq() < 1000);
});

mirrorTest("a mailbox that is gone takes no messages", async (t) => {
  const { id } = await t.mail.createMailbox("Work" as typeof t.inbox.name);
  const mirrors = t.store.mirrors(t.account);
  const mirror = await mirrors.start({ source: SOURCE, name: "Work", mailbox: id, uidValidity: 1, subscribed: true });
  await t.mail.deleteMailbox("Work" as typeof t.inbox.name);
  await faults("nonexistent", mirrors.add(mirror, await news(t, 1), 0));
});

Deno.test("flags as text are in one order, each once", () => {
  assert.equal(flagsText(["own", "\\Seen", "own", "$Junk"]), "$Junk \\Seen own");
});
