import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Flag, type FlagSet, flagSet } from "../../store/flags.ts";
import type { MailStore } from "../../store/store.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { type StoreFaultReport, verifyStore } from "../../store/sqlite/verify.ts";
import { type MailboxName, MAX_UID, type Uid } from "../../store/types.ts";

const ADDRESS = "alice@example.org";
const INBOX = "INBOX" as MailboxName;
const ALL = [{ first: 1 as Uid, last: MAX_UID }];

const LETTER =
  "From: bob@example.org\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n" +
  "Message-ID: <1@example.org>\r\n\r\nHello there.\r\n";
const LARGE = "From: carol@example.org\r\nSubject: large\r\nIn-Reply-To: <1@example.org>\r\n\r\n" +
  "A line of a large message.\r\n".repeat(8000);

const open = (dataDir: string) => openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });

async function append(mail: MailStore, mailbox: string, text: string, flags: FlagSet = flagSet([])) {
  const bytes = new TextEncoder().encode(text);
  const draft = await mail.draft(bytes.length);
  await draft.write(bytes);
  return await mail.append(mailbox as MailboxName, [{ draft, flags }]);
}

/** A store in which all that it promises has something to hold for. */
async function fill(dataDir: string): Promise<void> {
  const store = await open(dataDir);
  const [{ id }] = await store.directory.add([{ address: ADDRESS, credentials: { "cram-md5": "x" } }, {
    address: "nobody",
    credentials: {},
  }]);
  const mail = store.mail(id);
  for (const flags of [["\\Seen"], ["\\Deleted", "Important"], []]) await append(mail, INBOX, LETTER, flagSet(flags));
  await append(mail, INBOX, LARGE);
  await append(mail, INBOX, "no header at all");
  await append(mail, INBOX, "");
  await append(mail, INBOX, "Subject: \u{1f600}\ud800\0x\r\n\r\n\0\u{1f600}".repeat(30));
  await mail.createMailbox("Work/2026/May" as MailboxName);
  const inbox = (await mail.mailbox(INBOX))!;
  const many = Array.from({ length: 30 }, (_, i) => `Label${i}`);
  await mail.storeFlags(inbox.id, [{ first: 3 as Uid, last: 3 as Uid }], { mode: "add", flags: flagSet(many) });
  await mail.copy(inbox.id, ALL, "Work/2026/May" as MailboxName);
  await mail.move(inbox.id, [{ first: 5 as Uid, last: 5 as Uid }], "Archive" as MailboxName);
  await mail.expunge(inbox.id);
  await store.upkeep(id).fillSearchIndex(); // what comes behind is not parsed
  await mail.createMailbox("Gone" as MailboxName);
  await append(mail, "Gone", LETTER);
  await mail.deleteMailbox("Gone" as MailboxName);
  await store.close();
}

async function verify(dataDir: string) {
  const reports: StoreFaultReport[] = [];
  const verified = await verifyStore(dataDir, (fault) => reports.push(fault));
  assert.equal(verified.faults, reports.filter(({ note }) => !note).length);
  return { verified, reports, words: reports.map(({ what }) => what).join("\n") };
}

async function withDataDir(test: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "roost-verify-" });
  try {
    await test(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

let filled: Promise<string> | undefined;

/** Verifies a copy of the filled store after something was done to it behind the store's back. */
function damaged(
  name: string,
  damage: (dataDir: string) => void | Promise<void>,
  expected: RegExp,
  mailbox?: string,
): void {
  Deno.test({
    name: `verify finds ${name}`,
    fn: () =>
      withDataDir(async (dataDir) => {
        filled ??= (async () => {
          const original = await Deno.makeTempDir({ prefix: "roost-verify-" });
          await fill(original);
          addEventListener("unload", () => Deno.removeSync(original, { recursive: true }));
          return original;
        })();
        await cp(await filled, dataDir, { recursive: true });
        await damage(dataDir);
        const { reports, words, verified } = await verify(dataDir);
        assert.match(words, expected);
        assert.ok(verified.faults > 0);
        const found = reports.find(({ what }) => expected.test(what));
        if (mailbox !== undefined) assert.deepEqual([found?.account, found?.mailbox], [ADDRESS, mailbox]);
      }),
  });
}

function sql(name: string, text: string, expected: RegExp, mailbox?: string): void {
  damaged(
    name,
    (dataDir) => {
      const db = new DatabaseSync(join(dataDir, "accounts", "1", "mail.db"));
      db.exec(text);
      db.close();
    },
    expected,
    mailbox,
  );
}

Deno.test("a store that is as it should be has no faults", () =>
  withDataDir(async (dataDir) => {
    await fill(dataDir);
    const { verified, reports } = await verify(dataDir);
    assert.deepEqual(reports, []);
    assert.deepEqual(verified, { accounts: 2, mailboxes: 9, messages: 5 + 7 + 1, faults: 0 });
  }));

Deno.test("verifying beside a running store, with messages that are expunged and still looked at", () =>
  withDataDir(async (dataDir) => {
    await fill(dataDir);
    const store = await open(dataDir);
    const mail = store.mail((await store.directory.find(ADDRESS))!.id);
    const inbox = (await mail.mailbox(INBOX))!;
    const pin = mail.pin(inbox.id, await mail.modseq());
    await mail.storeFlags(inbox.id, ALL, { mode: "add", flags: { fixed: Flag.Deleted, keywords: [] } });
    await mail.expunge(inbox.id);
    const draft = await mail.draft(1_000_000);
    await draft.write(new Uint8Array(300_000));
    const { verified, reports } = await verify(dataDir);
    assert.equal(verified.faults, 0, JSON.stringify(reports));
    assert.ok(reports.every(({ what }) => what.startsWith("content/tmp-")));
    await draft.discard();
    pin.release();
    await store.close();
  }));

Deno.test("what a killed process left, its log not yet in the database, is verified", () =>
  withDataDir(async (dataDir) => {
    await fill(join(dataDir, "live"));
    const store = await open(join(dataDir, "live"));
    const mail = store.mail((await store.directory.find(ADDRESS))!.id);
    await append(mail, "INBOX", LETTER);
    await cp(join(dataDir, "live"), join(dataDir, "copy"), {
      recursive: true,
      filter: (path) => !path.endsWith("-shm") && !path.endsWith(".sock"),
    });
    await store.close();
    const { verified, reports } = await verify(join(dataDir, "copy"));
    assert.deepEqual(reports, []);
    assert.equal(verified.messages, 14);
  }));

Deno.test("verifying changes no file of the store", () =>
  withDataDir(async (dataDir) => {
    await fill(dataDir);
    const path = join(dataDir, "accounts", "1", "mail.db");
    const before = await Deno.readFile(path);
    await verify(dataDir);
    assert.deepEqual(await Deno.readFile(path), before);
  }));

Deno.test("a store without accounts, and an account that was never used", () =>
  withDataDir(async (dataDir) => {
    const store = await open(dataDir);
    assert.deepEqual((await verify(dataDir)).verified, { accounts: 0, mailboxes: 0, messages: 0, faults: 0 });
    await store.directory.add([{ address: ADDRESS, credentials: {} }]);
    assert.deepEqual((await verify(dataDir)).verified, { accounts: 1, mailboxes: 0, messages: 0, faults: 0 });
    await store.close();
  }));

Deno.test("a process killed while it made an account's database left an empty file: no fault", () =>
  withDataDir(async (dataDir) => {
    const store = await open(dataDir);
    await store.directory.add([{ address: ADDRESS, credentials: {} }]);
    await store.close();
    await Deno.mkdir(join(dataDir, "accounts", "1"), { recursive: true });
    await Deno.writeFile(join(dataDir, "accounts", "1", "mail.db"), new Uint8Array());
    assert.equal((await verify(dataDir)).verified.faults, 0);
  }));

Deno.test("where there is no store there is nothing to verify", () =>
  withDataDir((dataDir) => assert.rejects(verify(dataDir), Deno.errors.NotFound)));

Deno.test("leftovers are notes, not faults", () =>
  withDataDir(async (dataDir) => {
    await fill(dataDir);
    await Deno.writeTextFile(join(dataDir, "accounts", "1", "content", "tmp-1"), "x");
    await Deno.mkdir(join(dataDir, "accounts", "77"));
    const { verified, reports } = await verify(dataDir);
    assert.equal(verified.faults, 0);
    assert.deepEqual(reports.map(({ what, note }) => [what, note]), [
      ["accounts/77 belongs to no account", true],
      ["content/tmp-1 belongs to no message", true],
    ]);
  }));

sql(
  "a wrong count of messages",
  "UPDATE mailbox SET messages = 6 WHERE name = 'INBOX'",
  /messages is kept as 6, counted as 5/,
  "INBOX",
);
sql(
  "a wrong count of unseen messages",
  "UPDATE mailbox SET unseen = unseen + 1 WHERE name = 'INBOX'",
  /unseen is kept as/,
  "INBOX",
);
sql(
  "a wrong count of deleted messages",
  "UPDATE mailbox SET deleted = 3 WHERE name = 'INBOX'",
  /deleted is kept as 3/,
  "INBOX",
);
sql(
  "wrong deleted bytes",
  "UPDATE mailbox SET deleted_size = 3 WHERE name = 'INBOX'",
  /deleted_size is kept as 3/,
  "INBOX",
);
sql("wrong bytes of a mailbox", "UPDATE mailbox SET size = 3 WHERE name = 'INBOX'", /size is kept as 3/, "INBOX");
sql(
  "a wrong count of recent messages",
  "UPDATE mailbox SET recent = 99 WHERE name = 'INBOX'",
  /recent is kept as 99/,
  "INBOX",
);
sql(
  "wrong totals of the account",
  "UPDATE account SET size = size + 1, messages = 0",
  /counts 0 messages, has 13\n.*bytes, has/,
);
sql("a missing account row", "DELETE FROM account", /not one account row/);
sql("a flag change that was not counted", "UPDATE message SET flags = flags | 1 WHERE uid = 3", /unseen is kept as/);
sql(
  "a UID not below UIDNEXT",
  "UPDATE mailbox SET uidnext = 4 WHERE name = 'INBOX'",
  /UID is not below uidnext 4/,
  "INBOX",
);
sql(
  "a modseq above the mailbox's",
  "UPDATE message SET modseq = 9999 WHERE uid = 1",
  /modseq 9999 is above the mailbox's/,
);
sql("a modseq above the account's", "UPDATE account SET modseq = 2", /is above the account's modseq 2/);
sql(
  "a createseq above the modseq",
  "UPDATE message SET createseq = modseq + 1 WHERE uid = 1",
  /createseq \d+ is above modseq/,
);
sql(
  "messages out of order",
  "UPDATE message SET createseq = createseq - 2 WHERE mailbox_id = 1 AND uid = 4",
  /came before the message with the UID below/,
  "INBOX",
);
sql("an expunge that the mailbox does not know", "UPDATE mailbox SET expungeseq = 0", /above expungeseq 0/);
sql(
  "a message that is there and expunged",
  "INSERT INTO expunged SELECT mailbox_id, uid, 1, 0, NULL, 0, NULL, 0, 0, 0 FROM message WHERE uid = 3 LIMIT 1",
  /there and expunged/,
);
sql(
  "a change that is not noted",
  "DELETE FROM changed WHERE mailbox_id = 1",
  /that it changed at \d+ is not noted/,
  "INBOX",
);
sql("notes of no mailbox", "INSERT INTO changed VALUES (999, 1, 1, 1)", /notes of changes are of mailbox 999/);
sql("a missing email", "DELETE FROM email WHERE id = 1", /its email 1 does not exist/);
sql("missing content", "DELETE FROM content WHERE email_id = 1", /email 1: some of its rows are missing/);
sql("a missing header", "DELETE FROM header WHERE email_id = 1", /email 1: some of its rows are missing/);
sql("an email that nobody has", "UPDATE message SET email_id = 1 WHERE email_id = 3", /email 3: no message has it/);
sql("a wrong size", "UPDATE message SET size = size + 1 WHERE email_id = 1", /its size is kept as \d+, is \d+/);
sql(
  "changed content",
  "UPDATE content SET bytes = CAST('Bye.' AS BLOB) WHERE email_id = 1",
  /not what its bytes say: .*preview/,
);
sql(
  "a changed header",
  "UPDATE header SET bytes = CAST(bytes || x'0d0a' AS BLOB) WHERE email_id = 1",
  /its header has \d+ bytes, \d+ are kept/,
);
sql(
  "another sort key",
  "UPDATE sort_key SET subject = 'OTHER' WHERE email_id = 1",
  /not what its bytes say: sort keys$/m,
);
sql(
  "another address to sort by",
  "UPDATE sort_address SET display_to = 'OTHER' WHERE email_id = 1",
  /not what its bytes say: sort keys$/m,
);
sql(
  "another key of a thread",
  "UPDATE thread_key SET refs = 'AAAAAAAA' WHERE email_id = 1",
  /not what its bytes say: thread key$/m,
);
sql("a missing sort key", "DELETE FROM sort_address WHERE email_id = 1", /some of its rows are missing/);
sql("a stray thread key", "INSERT INTO thread_key VALUES (9999, '', '')", /a row of thread_key is of email 9999/);
sql(
  "a wrong ENVELOPE",
  "UPDATE email SET envelope = CAST('NIL' AS BLOB) WHERE id = 1",
  /not what its bytes say: envelope$/m,
);
sql(
  "a wrong BODYSTRUCTURE",
  "UPDATE email SET bodystructure = x'' WHERE id = 1",
  /not what its bytes say: bodystructure$/m,
);
sql(
  "wrong search text",
  "INSERT OR REPLACE INTO search_text VALUES (1, x'00')",
  /not what its bytes say: search text$/m,
);
sql(
  "a flag without a keyword",
  "UPDATE message SET flags = flags | (1 << 30) WHERE email_id = 5",
  /keywords that the mailbox has not/,
);
sql(
  "a keyword number out of range",
  "UPDATE message SET more_keywords = '21,500' WHERE uid = 3",
  /keyword numbers 21,500 are out of range/,
);
sql(
  "keyword numbers out of order",
  "UPDATE message SET more_keywords = '22,21' WHERE uid = 3",
  /keyword numbers 22,21 are not in order/,
);
sql("a gap in the keywords", "DELETE FROM keyword WHERE number = 3", /has number 4, 3 is next/);
sql("a keyword twice", "UPDATE keyword SET name = 'LABEL1' WHERE name = 'Label5'", /keyword Label1|keyword LABEL1/);
sql(
  "a mailbox without its parent",
  "UPDATE mailbox SET name = 'Office' WHERE name = 'Work'",
  /its parent Work does not exist/,
  "Work/2026",
);
sql("a name that is none", "UPDATE mailbox SET name = 'a//b' WHERE name = 'Junk'", /"a\/\/b" is no mailbox name/);
sql("a missing INBOX", "UPDATE mailbox SET name = 'Box' WHERE name = 'INBOX'", /no INBOX/);
sql("a special use twice", "UPDATE mailbox SET special_use = 'sent' WHERE name = 'Junk'", /used for sent too/);
sql("an object id twice", "UPDATE mailbox SET object_id = 'M'", /another mailbox has the object id M/);
sql(
  "a subscription that is no name",
  "INSERT INTO subscription VALUES ('a/../b')",
  /subscription "a\/..\/b" is no mailbox name/,
);
sql(
  "messages of a removed mailbox",
  "UPDATE message SET mailbox_id = 999 WHERE mailbox_id = 1",
  /rows of message are of mailbox 999/,
);
sql("references to nowhere", "UPDATE reference SET thread_id = 999", /threads that never were/);
sql("another schema", "PRAGMA user_version = 77", /mail\.db has schema 77/);

damaged("a missing file", (dataDir) => {
  const folder = join(dataDir, "accounts", "1", "content");
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(join(folder, name));
}, /its file content\/\S+ is missing/);

damaged("a file that was cut", (dataDir) => {
  const folder = join(dataDir, "accounts", "1", "content");
  for (const { name } of Deno.readDirSync(folder)) Deno.truncateSync(join(folder, name), 1000);
}, /its size is kept as \d+, is 1000/);

damaged("a damaged database", async (dataDir) => {
  const path = join(dataDir, "accounts", "1", "mail.db");
  const bytes = await Deno.readFile(path);
  for (let at = 8192; at < bytes.length; at += 8192) bytes.fill(0xff, at, at + 64);
  await Deno.writeFile(path, bytes);
}, /mail\.db: |cannot be read/);

damaged(
  "credentials and names of nobody",
  (dataDir) => {
    const db = new DatabaseSync(join(dataDir, "directory.db"));
    db.exec(
      "INSERT INTO credential VALUES (9, 'x', 'y'); INSERT INTO login VALUES ('Ghost', 9, 'Ghost', ''); DELETE FROM login WHERE account_id = 1",
    );
    db.exec(
      "INSERT INTO client_key VALUES ('x', 8, '', 1, 0, NULL, NULL); INSERT INTO app_password VALUES (1, 8, 'a', 'a', '{}', '', '', NULL, 0, NULL, NULL)",
    );
    db.close();
  },
  /cannot log in by its address\n.*login name Ghost belongs to no account\n.*not folded\n.*app passwords of account 8.*\n.*client keys of account 8.*\n.*credentials of account 9/,
);
