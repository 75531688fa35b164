import assert from "node:assert/strict";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

const ALICE = "alice@example.org";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const BOX = `Shared/${ALICE}/Box`;
const ALL = "lrswipkxte";

/** Alice's mailbox Box with messages, granted to Bob and Carol; sessions of all three. */
async function shared(t: TestServer, messages: readonly string[], rights = ALL) {
  const alice = await t.login();
  await t.fill("Box", messages.map((subject) => mail(subject)));
  await alice.ok(`SETACL Box ${BOB} ${rights}`);
  await alice.ok(`SETACL Box ${CAROL} ${rights}`);
  return { alice, bob: await t.login({ address: BOB }), carol: await t.login({ address: CAROL }) };
}

protocolTest("NAMESPACE and LIST show what others share (RFC 2342 §5, RFC 9051 §6.3.9)", async (t) => {
  const { alice, bob } = await shared(t, []);
  await alice.ok("CREATE Team/deep/er");
  await alice.ok(`SETACL Team/deep/er ${BOB} lr`);
  await alice.ok(`SETACL Sent ${BOB} lr`);
  await bob.exchange(`
    C: a NAMESPACE
    S: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
    S: a OK ...
    C: b LIST "" Shared/*
    S: * LIST (\\HasNoChildren) "/" ${BOX}
    S: * LIST (\\HasNoChildren) "/" Shared/${ALICE}/Sent
    S: * LIST (\\HasNoChildren) "/" Shared/${ALICE}/Team/deep/er
    S: b OK ...
    C: c LIST "Shared/" %
    S: * LIST (\\NonExistent \\Noselect \\HasChildren) "/" Shared/${ALICE}
    S: c OK ...
    C: d LIST "" Shared/${ALICE}/%
    S: * LIST (\\HasNoChildren) "/" ${BOX}
    S: * LIST (\\HasNoChildren) "/" Shared/${ALICE}/Sent
    S: * LIST (\\NonExistent \\Noselect \\HasChildren) "/" Shared/${ALICE}/Team
    S: d OK ...
    C: e LIST (SPECIAL-USE) "" *
    S: * LIST (\\HasNoChildren \\Archive) "/" Archive
    S: * LIST (\\HasNoChildren \\Drafts) "/" Drafts
    S: * LIST (\\HasNoChildren \\Junk) "/" Junk
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: * LIST (\\HasNoChildren \\Trash) "/" Trash
    S: e OK ...
    C: f SUBSCRIBE ${BOX}
    S: f OK ...
    C: g LIST (SUBSCRIBED) "" Shared*
    S: * LIST (\\HasNoChildren \\Subscribed) "/" ${BOX}
    S: g OK ...
    C: h LSUB "" Shared/*
    S: * LSUB () "/" ${BOX}
    S: h OK ...
    C: i CREATE Shared/mine
    S: i NO ...
    C: j CREATE Shared
    S: j NO ...
    C: k RENAME Sent ${BOX}/Sent
    S: k NO [CANNOT] ...
  `);
  const own = await alice.ok('LIST "" *');
  assert(own.every((line) => !line.includes("Shared")));
  assert.deepEqual((await bob.ok('LIST "" %')).filter((line) => line.includes("Shared")), [
    '* LIST (\\NonExistent \\Noselect \\HasChildren) "/" Shared',
  ]);
});

protocolTest("addresses that hold a separator or are dots have a level of their own", async (t) => {
  for (const address of ["a/b%c@example.org", ".."]) {
    await t.account(address);
    const owner = await t.connect();
    await owner.ok(`LOGIN "${address}" secret`);
    await owner.ok("SETACL INBOX anyone lr");
  }
  const bob = await t.login({ address: BOB });
  assert.deepEqual(await bob.ok('LIST "" Shared/*'), [
    '* LIST (\\HasNoChildren) "/" "Shared/%2E%2E/INBOX"',
    '* LIST (\\HasNoChildren) "/" "Shared/a%2Fb%25c@example.org/INBOX"',
  ]);
  await bob.ok('SELECT "Shared/%2E%2E/INBOX"');
  await bob.ok('SELECT "Shared/a%2Fb%25c@example.org/INBOX"');
});

protocolTest("each reader has its own \\Seen; other flags are the message's (RFC 4314 §2.1)", async (t) => {
  const { alice, bob, carol } = await shared(t, ["one", "two", "three"]);
  await alice.ok("SELECT Box");
  await alice.ok("STORE 3 +FLAGS.SILENT (\\Seen)");
  for (const client of [bob, carol]) await client.ok(`SELECT ${BOX}`);
  await bob.exchange(`
    C: a FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {5}
    S: one
    S:  FLAGS (\\Seen))
    S: a OK ...
    C: b STORE 2 +FLAGS (\\Seen \\Flagged)
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Flagged))
    S: b OK ...
    C: c FETCH 1:3 (FLAGS)
    S: * 1 FETCH (FLAGS (\\Seen))
    S: * 2 FETCH (FLAGS (\\Seen \\Flagged))
    S: * 3 FETCH (FLAGS ())
    S: c OK ...
    C: d SEARCH UNSEEN
    S: * SEARCH 3
    S: d OK ...
    C: e STATUS ${BOX} (UNSEEN MESSAGES RECENT)
    S: * STATUS ${BOX} (UNSEEN 1 MESSAGES 3 RECENT 0)
    S: e OK ...
  `);
  await carol.exchange(`
    C: a NOOP
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged))
    S: a OK ...
    C: b FETCH 1:3 (FLAGS)
    S: * 1 FETCH (FLAGS ())
    S: * 2 FETCH (FLAGS (\\Flagged))
    S: * 3 FETCH (FLAGS ())
    S: b OK ...
    C: c STATUS ${BOX} (UNSEEN)
    S: * STATUS ${BOX} (UNSEEN 3)
    S: c OK ...
  `);
  await alice.exchange(`
    C: a NOOP
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent))
    S: a OK ...
    C: b SEARCH SEEN
    S: * SEARCH 3
    S: b OK ...
    C: c STATUS Box (UNSEEN)
    S: * STATUS Box (UNSEEN 2)
    S: c OK ...
  `);
  // It is kept: another session of the reader sees it, and hears of changes.
  const again = await t.login({ address: BOB });
  await again.ok(`SELECT ${BOX}`);
  assert.deepEqual(await again.ok("SEARCH SEEN"), ["* SEARCH 1 2"]);
  await bob.ok("STORE 1 -FLAGS.SILENT (\\Seen)");
  assert.deepEqual(await again.ok("NOOP"), ["* 1 FETCH (UID 1 FLAGS ())"]);
  assert.deepEqual(await carol.ok("NOOP"), []);
});

protocolTest("without `s` nothing is seen; EXAMINE changes nothing", async (t) => {
  const { bob } = await shared(t, ["one"], "lr");
  await bob.ok(`SELECT ${BOX}`);
  assert.deepEqual(await bob.ok("FETCH 1 BODY[TEXT]"), ["* 1 FETCH (BODY[TEXT] {5}", "one", ")"]);
  assert.deepEqual(await bob.ok("SEARCH SEEN"), ["* SEARCH"]);
});

protocolTest(
  "a reader's modseqs grow with its \\Seen; UNCHANGEDSINCE and CHANGEDSINCE see it (RFC 7162 §3.1)",
  async (t) => {
    const { alice, bob } = await shared(t, ["one", "two"]);
    await bob.ok(`SELECT ${BOX} (CONDSTORE)`);
    const again = await t.login({ address: BOB });
    await again.ok(`SELECT ${BOX} (CONDSTORE)`);
    const modseqOf = (line: string) => Number(line.match(/MODSEQ \((\d+)\)/)?.[1]);
    const [before] = await again.ok("FETCH 1 (MODSEQ)");
    const [stored] = await bob.ok("STORE 1 +FLAGS (\\Seen)");
    assert(modseqOf(stored) > modseqOf(before));
    assert.deepEqual(await again.ok(`FETCH 1:2 (FLAGS) (CHANGEDSINCE ${modseqOf(before) + 1})`), [
      `* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (${modseqOf(stored)}))`,
      `* 1 FETCH (FLAGS (\\Seen) MODSEQ (${modseqOf(stored)}))`,
    ]);
    assert.match(
      (await again.command(`STORE 1 (UNCHANGEDSINCE ${modseqOf(before)}) -FLAGS (\\Seen)`)).at(-1) ?? "",
      /OK \[MODIFIED 1\]/,
    );
    const [status] = await bob.ok(`STATUS ${BOX} (HIGHESTMODSEQ)`);
    assert.equal(status, `* STATUS ${BOX} (HIGHESTMODSEQ ${modseqOf(stored)})`);
    // To the owner nothing happened.
    assert.notEqual((await alice.ok("STATUS Box (HIGHESTMODSEQ)"))[0], status.replace(BOX, "Box"));
  },
);

protocolTest("QRESYNC tells a reader of its own \\Seen and of removals (RFC 7162 §3.2.5)", async (t) => {
  const { alice, bob } = await shared(t, ["one", "two", "three"]);
  const other = await t.login({ address: BOB });
  await bob.ok("ENABLE QRESYNC");
  const opened = await bob.ok(`SELECT ${BOX}`);
  const of = (word: string) => opened.join("\n").match(new RegExp(`${word} (\\d+)`))?.[1];
  await bob.ok("UNSELECT");
  await other.ok(`SELECT ${BOX}`);
  await other.ok("STORE 2 +FLAGS (\\Seen)");
  await alice.ok("SELECT Box");
  await alice.ok("STORE 1 +FLAGS (\\Deleted)");
  await alice.ok("EXPUNGE");
  const lines = await bob.ok(`SELECT ${BOX} (QRESYNC (${of("UIDVALIDITY")} ${of("HIGHESTMODSEQ")}))`);
  assert.deepEqual(lines.slice(-2).map((line) => line.replace(/MODSEQ \(\d+\)/, "MODSEQ (n)")), [
    "* VANISHED (EARLIER) 1",
    "* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (n))",
  ]);
});

protocolTest("a reader in IDLE hears new mail, flags and removals of the owner", async (t) => {
  const { alice, bob } = await shared(t, ["one"]);
  await bob.ok(`SELECT ${BOX}`);
  await bob.exchange(`
    C: a IDLE
    S: + idling
  `);
  await t.fill("Box", [mail("two")]);
  await bob.exchange(`
    S: * 2 EXISTS
    S: * 0 RECENT
  `);
  await alice.ok("SELECT Box");
  await alice.ok("STORE 1 +FLAGS (\\Deleted)");
  await bob.exchange("S: * 1 FETCH (UID 1 FLAGS (\\Deleted))");
  await alice.ok("EXPUNGE");
  await bob.exchange(`
    S: * 1 EXPUNGE
    C: DONE
    S: a OK ...
  `);
});

protocolTest("COPY from and to another account; \\Seen is the reader's", async (t) => {
  const { alice, bob } = await shared(t, ["one", "two", "three"]);
  await bob.ok(`SELECT ${BOX}`);
  await bob.ok("STORE 1 +FLAGS (\\Seen \\Flagged word)");
  const validity = await t.uidvalidity("Archive", BOB);
  await bob.exchange(`
    C: a COPY 1:2 Archive
    S: a OK [COPYUID ${validity} 1:2 1:2] ...
    C: b SELECT Archive
    S: b OK ...
    C: c FETCH 1:2 (FLAGS ENVELOPE)
    S: * 1 FETCH (FLAGS (\\Seen \\Flagged word \\Recent) ENVELOPE (... "one" ...))
    S: * 2 FETCH (FLAGS (\\Recent) ENVELOPE (... "two" ...))
    S: c OK ...
    C: d COPY 1 ${BOX}
    S: d OK [COPYUID ${await t.uidvalidity("Box")} 1 4] ...
  `);
  await alice.ok("SELECT Box");
  assert.deepEqual(await alice.ok("FETCH 4 (FLAGS BODY[HEADER.FIELDS (SUBJECT)])"), [
    "* 4 FETCH (FLAGS (\\Seen \\Flagged word \\Recent) BODY[HEADER.FIELDS (SUBJECT)] {16}",
    "Subject: one",
    "",
    ")",
  ]);
  await bob.ok(`SELECT ${BOX}`);
  assert.deepEqual(await bob.ok("SEARCH SEEN"), ["* SEARCH 1 4"]);
});

protocolTest("MOVE between accounts: there, then gone here; large content too", async (t) => {
  const { alice, bob } = await shared(t, ["one", "two"]);
  const large = mail("large", `${"0123456789abcdef".repeat(20_000)}\r\n`);
  await t.fill("Box", [large]);
  await bob.ok(`SELECT ${BOX}`);
  await bob.exchange(`
    C: a MOVE 1,3 INBOX
    S: * OK [COPYUID ... 1,3 1:2] moved
    S: * 1 EXPUNGE
    S: * 2 EXPUNGE
    S: a OK ...
  `);
  assert.deepEqual(await alice.ok("STATUS Box (MESSAGES)"), ["* STATUS Box (MESSAGES 1)"]);
  await bob.ok("SELECT INBOX");
  const [line] = await bob.ok("FETCH 2 (RFC822.SIZE)");
  assert.equal(line, `* 2 FETCH (RFC822.SIZE ${large.length})`);
  await bob.ok(`MOVE 1:2 ${BOX}`);
  assert.deepEqual(await alice.ok("STATUS Box (MESSAGES)"), ["* STATUS Box (MESSAGES 3)"]);
  assert.deepEqual(await bob.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 0)"]);
});

protocolTest("COPY within the owner's account keeps each one's \\Seen", async (t) => {
  const { alice, bob } = await shared(t, ["one", "two"]);
  await alice.ok("CREATE Other");
  await alice.ok(`SETACL Other ${BOB} ${ALL}`);
  await alice.ok("SELECT Box");
  await alice.ok("STORE 2 +FLAGS (\\Seen)");
  await bob.ok(`SELECT ${BOX}`);
  await bob.ok("STORE 1 +FLAGS (\\Seen)");
  await bob.ok(`MOVE 1:2 Shared/${ALICE}/Other`);
  await bob.ok(`SELECT Shared/${ALICE}/Other`);
  assert.deepEqual(await bob.ok("SEARCH SEEN"), ["* SEARCH 1"]);
  await alice.ok("SELECT Other");
  assert.deepEqual(await alice.ok("SEARCH SEEN"), ["* SEARCH 2"]);
});

protocolTest("COPY and MOVE of many messages between accounts: all, or none for want of room", async (t) => {
  const { alice, bob } = await shared(t, []);
  const messages = `{5+}\r\nX: y\n `.repeat(600).trimEnd();
  await bob.send(`a APPEND INBOX ${messages}\r\n`);
  assert.match(await bob.line(), /^a OK/);
  await bob.ok("SELECT INBOX");
  assert.match((await bob.command(`COPY 1:* ${BOX}`)).at(-1) ?? "", /OK \[COPYUID \d+ 1:600 1:600\]/);
  assert.match((await bob.command(`COPY 1:* ${BOX}`)).at(-1) ?? "", /NO \[OVERQUOTA\]/);
  assert.match((await bob.command(`MOVE 1:* ${BOX}`)).at(-1) ?? "", /NO \[OVERQUOTA\]/);
  assert.deepEqual(await alice.ok("STATUS Box (MESSAGES)"), ["* STATUS Box (MESSAGES 600)"]);
  assert.deepEqual(await bob.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 600)"]);
  await alice.ok("SELECT Box");
  await alice.ok("MOVE 1:* Archive");
  await alice.ok(`SETACL Archive ${BOB} ${ALL}`);
  await bob.ok(`SELECT Shared/${ALICE}/Archive`);
  await bob.ok("MOVE 1:350 Trash");
  assert.deepEqual(await alice.ok("STATUS Archive (MESSAGES)"), ["* STATUS Archive (MESSAGES 250)"]);
}, { config: { quotaMessages: 1000 } });

protocolTest("identifiers of emails in shared mailboxes are not those of own ones (RFC 8474 §5)", async (t) => {
  const { bob } = await shared(t, ["one"]);
  await t.fill("INBOX", [mail("mine")], BOB);
  const id = async (name: string) => {
    await bob.ok(`SELECT ${name}`);
    return /EMAILID \(([^)]+)\)/.exec((await bob.ok("FETCH 1 (EMAILID THREADID)"))[0])?.[1];
  };
  const [own, theirs] = [await id("INBOX"), await id(BOX)];
  assert.notEqual(own, theirs);
  assert.match(theirs ?? "", /^E\d+-1$/);
  assert.deepEqual(await bob.ok(`SEARCH EMAILID ${theirs}`), ["* SEARCH 1"]);
  assert.deepEqual(await bob.ok(`SEARCH EMAILID ${own}`), ["* SEARCH"]);
});

protocolTest("APPEND and COPY to a shared mailbox count for its owner; a refusal changes nothing", async (t) => {
  const { alice, bob } = await shared(t, ["one"]);
  const text = mail("x", "y".repeat(500));
  const literal = `{${text.length}+}\r\n${text}`;
  for (let i = 0; i < 3; i++) await bob.ok(`APPEND INBOX ${literal}`);
  await bob.ok(`APPEND ${BOX} (\\Seen) ${literal}`);
  await bob.ok("SELECT INBOX");
  assert.match((await bob.command(`COPY 1:2 ${BOX}`)).at(-1) ?? "", /NO \[OVERQUOTA\]/);
  assert.match((await bob.command(`MOVE 1:2 ${BOX}`)).at(-1) ?? "", /NO \[OVERQUOTA\]/);
  assert.match((await bob.command(`APPEND ${BOX} ${literal} ${literal}`)).at(-1) ?? "", /NO \[OVERQUOTA\]/);
  assert.deepEqual(await alice.ok("STATUS Box (MESSAGES UNSEEN)"), ["* STATUS Box (MESSAGES 2 UNSEEN 2)"]);
  assert.deepEqual(await bob.ok(`STATUS ${BOX} (MESSAGES UNSEEN)`), [`* STATUS ${BOX} (MESSAGES 2 UNSEEN 1)`]);
  assert.deepEqual(await bob.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 3)"]);
}, { config: { quotaMessages: 3 } });

protocolTest("private annotations are each reader's own, shared ones all see (RFC 5464 §3.3)", async (t) => {
  const { alice, bob, carol } = await shared(t, []);
  await alice.ok('SETMETADATA Box (/private/comment "alice" /shared/comment "all")');
  await bob.ok(`SETMETADATA ${BOX} (/private/comment "bob")`);
  const asked = (name: string) => `GETMETADATA ${name} (/private/comment /shared/comment)`;
  const told = (name: string, own: string) => [`* METADATA ${name} (/private/comment ${own} /shared/comment "all")`];
  assert.deepEqual(await alice.ok(asked("Box")), told("Box", '"alice"'));
  assert.deepEqual(await bob.ok(asked(BOX)), told(BOX, '"bob"'));
  assert.deepEqual(await carol.ok(asked(BOX)), told(BOX, "NIL"));
  await alice.ok(`SETACL Box ${BOB} lr`);
  assert.match((await bob.command(`SETMETADATA ${BOX} (/shared/comment "x")`)).at(-1) ?? "", /NO \[NOPERM\]/);
  await alice.ok(`SETACL Box ${BOB} lk`);
  assert.match((await bob.command(`GETMETADATA ${BOX} /shared/comment`)).at(-1) ?? "", /NO/);
  await carol.ok("ENABLE METADATA");
  await carol.ok(`SELECT ${BOX}`);
  await alice.ok('SETMETADATA Box (/private/comment "hers" /shared/comment "news")');
  assert.deepEqual(await carol.ok("NOOP"), [`* METADATA ${BOX} /shared/comment`]);
});

protocolTest("DELETE and RENAME of a shared mailbox by a reader; who has it selected is told", async (t) => {
  const { alice, bob, carol } = await shared(t, ["one"]);
  await alice.ok("CREATE Place");
  await alice.ok(`SETACL Place ${BOB} lk`);
  await bob.ok(`RENAME ${BOX} Shared/${ALICE}/Place/Box`);
  assert.deepEqual(await alice.ok("STATUS Place/Box (MESSAGES)"), ["* STATUS Place/Box (MESSAGES 1)"]);
  await carol.ok(`SELECT Shared/${ALICE}/Place/Box`);
  await bob.ok(`DELETE Shared/${ALICE}/Place/Box`);
  await carol.send("z NOOP\r\n");
  assert.match(await carol.line(), /^\* BYE /);
});
