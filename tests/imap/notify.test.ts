import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";
import type { ModSeq } from "../../store/types.ts";

const ALL = "MessageNew MessageExpunge FlagChange";

/** Nothing but the answer comes back: all that was to be told before was told. */
async function silent(client: TestClient): Promise<void> {
  assert.deepEqual(await client.ok("NOOP"), []);
}

protocolTest(
  "NOTIFY: new mail in the selected mailbox is pushed, with the attributes asked for (RFC 5465 §5.2)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one")] });
    await alice.ok("ENABLE IMAP4rev2");
    await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 NOTIFY SET (selected (MessageNew (uid body.peek[header.fields (subject)] flags) MessageExpunge))
    S: a2 OK NOTIFY done
  `);
    await t.fill("INBOX", [mail("two")]);
    await alice.exchange(`
    S: * 2 EXISTS
    S: * 2 FETCH (UID 2 BODY[HEADER.FIELDS (subject)] {16}
    S: Subject: two
    S:
    S:  FLAGS ())
  `);
    const text = mail("own");
    const lines = await alice.ok(`APPEND INBOX {${text.length}+}\r\n${text}`);
    assert.deepEqual(lines, ["* 3 EXISTS"], "what the session brought itself needs no FETCH");
  },
);

protocolTest(
  "NOTIFY: flags and removals in the selected mailbox are pushed, with SELECTED at once (RFC 5465 §5.1, §5.3)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one"), mail("two")] });
    await alice.ok("ENABLE IMAP4rev2");
    await alice.ok("SELECT INBOX");
    await alice.ok(`NOTIFY SET (SELECTED (${ALL}))`);
    const other = await t.login();
    await other.ok("SELECT INBOX");
    await other.ok("STORE 2 +FLAGS.SILENT ($Junk)");
    await alice.exchange("S: * 2 FETCH (UID 2 FLAGS ($Junk))");
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    await alice.exchange("S: * 1 FETCH (UID 1 FLAGS (\\Deleted))");
    await other.ok("EXPUNGE");
    await alice.exchange("S: * 1 EXPUNGE");
    await silent(alice);
  },
);

protocolTest(
  "NOTIFY: with SELECTED-DELAYED removals wait for a command, also for IDLE (RFC 5465 §6.1.2)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
    await alice.ok("ENABLE IMAP4rev2");
    await alice.ok("SELECT INBOX");
    await alice.ok(`NOTIFY SET (SELECTED-DELAYED (${ALL}))`);
    const other = await t.login();
    await other.ok("SELECT INBOX");
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    await alice.exchange("S: * 1 FETCH (UID 1 FLAGS (\\Deleted))");
    await other.ok("EXPUNGE");
    await t.fill("INBOX", [mail("four")]);
    await alice.exchange(`
    S: * 4 EXISTS
    C: a1 FETCH 2 (UID)
    S: * 2 FETCH (UID 2)
    S: a1 OK ...
    C: a2 IDLE
    S: + idling
    S: * 1 EXPUNGE
  `);
    await other.ok("UID STORE 3 +FLAGS.SILENT (\\Deleted)");
    await alice.exchange("S: * 2 FETCH (UID 3 FLAGS (\\Deleted))");
    await other.ok("EXPUNGE");
    await alice.exchange(`
    S: * 2 EXPUNGE
    C: DONE
    S: a2 OK ...
  `);
  },
);

protocolTest(
  "NOTIFY: without SELECTED nothing is told of the selected mailbox but what its own commands do (RFC 5465 §3.1)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
    const other = await t.login();
    await alice.ok("ENABLE IMAP4rev2");
    await alice.ok("SELECT INBOX");
    await alice.ok("NOTIFY NONE");
    await other.ok("SELECT INBOX");
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    await other.ok("EXPUNGE");
    await t.fill("INBOX", [mail("four")]);
    await silent(alice);
    await alice.exchange(`
    C: a1 STORE 2 +FLAGS (\\Deleted)
    S: * 2 FETCH (UID 2 FLAGS (\\Deleted))
    S: a1 OK ...
    C: a2 EXPUNGE
    S: * 1 EXPUNGE
    S: * 1 EXPUNGE
    S: * 2 EXISTS
    S: a2 OK ...
  `);
    await other.ok("UID STORE 3 +FLAGS.SILENT (\\Seen)");
    await silent(alice);
    // What gathered is told when it is asked for again.
    await alice.exchange(`
    C: a3 NOTIFY SET (SELECTED (${ALL}))
    S: ...
    S: * 1 FETCH (UID 3 FLAGS (\\Seen))
    S: ...
    S: a3 OK ...
  `);
  },
);

protocolTest(
  "NOTIFY: STATUS of other mailboxes is pushed, of those asked for alone (RFC 5465 §5.2, §6.6)",
  async (t) => {
    const alice = await t.login();
    const validity = await t.uidvalidity("Archive");
    await alice.ok("CREATE Archive/2024");
    await alice.ok("SELECT INBOX");
    await alice.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (MAILBOXES Archive (MessageNew MessageExpunge))");
    await t.fill("Junk", [mail("x")]);
    await t.fill("Archive/2024", [mail("y")]);
    await t.fill("Archive", [mail("z")]);
    await alice.exchange(`S: * STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${validity})`);
    const other = await t.login();
    await other.ok("SELECT Archive");
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    await other.ok("EXPUNGE");
    await alice.exchange(`S: * STATUS Archive (MESSAGES 0 UIDNEXT 2 UIDVALIDITY ${validity})`);
    await silent(alice);
  },
);

protocolTest("NOTIFY: flags of other mailboxes, with and without CONDSTORE (RFC 5465 §5.1)", async (t) => {
  await t.fill("Archive", [mail("a"), mail("b")]);
  const validity = await t.uidvalidity("Archive");
  const plain = await t.login();
  const condstore = await t.login();
  await condstore.ok("ENABLE CONDSTORE");
  for (const client of [plain, condstore]) await client.ok(`NOTIFY SET (PERSONAL (${ALL}))`);
  const other = await t.login();
  await other.ok("SELECT Archive");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Flagged)");
  await condstore.exchange(`S: * STATUS Archive (UIDVALIDITY ${validity} HIGHESTMODSEQ ...)`);
  await other.ok("STORE 1 +FLAGS.SILENT (\\Seen)");
  await condstore.exchange(`S: * STATUS Archive (UIDVALIDITY ${validity} UNSEEN 1 HIGHESTMODSEQ ...)`);
  await plain.exchange(`S: * STATUS Archive (UIDVALIDITY ${validity} UNSEEN 1)`);
  await silent(plain);
});

protocolTest(
  "NOTIFY SET STATUS tells STATUS of what is watched, not of the selected mailbox (RFC 5465 §3.1)",
  async (t) => {
    await t.fill("Lists/Lemonade", [mail("a")]);
    await t.fill("Lists/Im2000", []);
    const lemonade = await t.uidvalidity("Lists/Lemonade");
    const im2000 = await t.uidvalidity("Lists/Im2000");
    const alice = await t.login();
    await alice.ok("SELECT Lists");
    const lines = await alice.ok("NOTIFY SET STATUS (SUBTREE Lists (MessageNew MessageExpunge))");
    assert.deepEqual(lines.sort(), [
      `* STATUS Lists/Im2000 (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ${im2000})`,
      `* STATUS Lists/Lemonade (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${lemonade})`,
    ]);
    const flags = await alice.ok(`NOTIFY SET STATUS (MAILBOXES (Lists/Lemonade Nowhere) (${ALL}))`);
    assert.equal(flags.length, 1);
    assert.match(
      flags[0],
      /^\* STATUS Lists\/Lemonade \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ \d+\)$/,
    );
  },
);

protocolTest("NOTIFY: mailboxes that come, go and are renamed (RFC 5465 §5.4)", async (t) => {
  const alice = await t.login();
  const other = await t.login();
  await alice.ok("NOTIFY SET (PERSONAL (MailboxName))");
  await other.ok("CREATE NewMailbox");
  await alice.exchange('S: * LIST (\\HasNoChildren \\Subscribed) "/" NewMailbox');
  await other.ok("CREATE NewMailbox/below");
  await alice.exchange(`
    S: * LIST (\\HasChildren \\Subscribed) "/" NewMailbox
    S: * LIST (\\HasNoChildren \\Subscribed) "/" NewMailbox/below
  `);
  await other.ok("RENAME NewMailbox Other");
  await alice.exchange('S: * LIST (\\HasChildren \\Subscribed) "/" Other ("OLDNAME" (NewMailbox))');
  await other.ok("DELETE Other/below");
  await alice.exchange(`
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Other
    S: * LIST (\\NonExistent \\Subscribed) "/" Other/below
  `);
  await alice.ok("CREATE Mine");
  await alice.ok("RENAME Mine Yours");
  await alice.ok("DELETE Yours");
  await silent(alice);
});

protocolTest(
  "NOTIFY: subscriptions, and mailboxes that are watched because of them (RFC 5465 §5.5, §6.4)",
  async (t) => {
    const alice = await t.login();
    const other = await t.login();
    await other.ok("UNSUBSCRIBE Junk");
    await alice.ok(
      "NOTIFY SET (PERSONAL (SubscriptionChange)) (SUBSCRIBED (MessageNew MessageExpunge)) (MAILBOXES Gone (SubscriptionChange))",
    );
    await t.fill("Junk", [mail("a")]);
    await other.ok("SUBSCRIBE Junk");
    await alice.exchange(`
    S: * LIST (\\HasNoChildren \\Junk \\Subscribed) "/" Junk
    S: * STATUS Junk (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)
  `);
    await t.fill("Junk", [mail("b")]);
    await alice.exchange("S: * STATUS Junk (MESSAGES 2 UIDNEXT 3 UIDVALIDITY ...)");
    await other.ok("UNSUBSCRIBE Junk");
    await alice.exchange('S: * LIST (\\HasNoChildren \\Junk) "/" Junk');
    await other.ok("SUBSCRIBE Gone");
    await alice.exchange('S: * LIST (\\NonExistent \\Subscribed) "/" Gone');
  },
);

protocolTest("NOTIFY: a mailbox that is made later is watched from its first message on", async (t) => {
  const alice = await t.login();
  await alice.ok("NOTIFY SET (SUBTREE Lists (MessageNew MessageExpunge MailboxName))");
  await t.fill("Lists/New", [mail("a")]);
  await alice.exchange(`
    S: ...
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Lists/New
    S: ...
    S: * STATUS Lists/New (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)
  `);
});

protocolTest("NOTIFY: metadata of mailboxes and of the server (RFC 5465 §5.6, §5.7)", async (t) => {
  const alice = await t.login();
  const other = await t.login();
  await alice.ok("NOTIFY SET (PERSONAL (MailboxMetadataChange ServerMetadataChange))");
  await other.ok('SETMETADATA INBOX (/shared/comment "mine")');
  await alice.exchange("S: * METADATA INBOX /shared/comment");
  await other.ok("SETMETADATA INBOX (/shared/comment NIL)");
  await alice.exchange("S: * METADATA INBOX /shared/comment");
  await other.ok('SETMETADATA "" (/private/comment "mine")');
  await alice.exchange('S: * METADATA "" /private/comment');
  await alice.ok('SETMETADATA INBOX (/private/comment "own")');
  await silent(alice);
});

protocolTest("NOTIFY: what the session does itself is not told to it (RFC 5465 §5)", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.ok("SELECT INBOX");
  await alice.ok(`NOTIFY SET (SELECTED (${ALL})) (PERSONAL (${ALL} MailboxName SubscriptionChange))`);
  assert.deepEqual(await alice.ok("COPY 1 Archive"), []);
  const text = mail("own");
  assert.deepEqual(await alice.ok(`APPEND Archive {${text.length}+}\r\n${text}`), []);
  assert.deepEqual(await alice.ok("UNSUBSCRIBE Archive"), []);
  await t.fill("Archive", [mail("other's")]);
  await alice.exchange("S: * STATUS Archive (MESSAGES 3 UIDNEXT 4 UIDVALIDITY ...)");
});

protocolTest("NOTIFY in IDLE sends exactly what was asked for (RFC 5465 §4)", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.ok("SELECT INBOX");
  await alice.ok("NOTIFY SET (MAILBOXES Archive (MessageNew MessageExpunge))");
  await alice.exchange(`
    C: a1 IDLE
    S: + idling
  `);
  await t.fill("INBOX", [mail("two")]);
  await t.fill("Archive", [mail("three")]);
  await alice.exchange(`
    S: * STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)
    C: DONE
    S: a1 OK ...
  `);
});

protocolTest("NOTIFY with UIDONLY and QRESYNC: UIDFETCH and VANISHED are pushed", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.ok("ENABLE UIDONLY QRESYNC IMAP4rev2");
  await alice.ok("SELECT INBOX");
  await alice.ok(`NOTIFY SET (SELECTED (MessageNew (FLAGS) MessageExpunge FlagChange))`);
  await t.fill("INBOX", [mail("two")]);
  await alice.exchange(`
    S: * 2 EXISTS
    S: * 2 UIDFETCH (FLAGS ())
  `);
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await alice.exchange("S: * 1 UIDFETCH (FLAGS (\\Deleted) MODSEQ (...))");
  await other.ok("EXPUNGE");
  await alice.exchange("S: * VANISHED 1");
  await silent(alice);
});

protocolTest("NOTIFY: an event that is not known is NO [BADEVENT] with all that are (RFC 5465 §3.1)", async (t) => {
  const alice = await t.login();
  const events =
    "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange";
  await alice.exchange(`
    C: a1 NOTIFY SET (PERSONAL (MessageNew MessageExpunge AnnotationChange))
    S: a1 NO [BADEVENT (${events})] ...
    C: a2 NOTIFY SET (PERSONAL (NewMoon))
    S: a2 NO [BADEVENT (${events})] ...
  `);
});

protocolTest("NOTIFY with wrong grammar is BAD, and what was asked for before stays", async (t) => {
  const alice = await t.login();
  await alice.ok("NOTIFY SET (MAILBOXES Archive (MessageNew MessageExpunge))");
  for (
    const wrong of [
      "",
      " SET",
      " NONE x",
      " SET STATUS",
      " SET (PERSONAL (MessageNew))",
      " SET (PERSONAL (MessageExpunge))",
      " SET (PERSONAL (FlagChange))",
      " SET (PERSONAL (AnnotationChange))",
      " SET (PERSONAL MessageNew)",
      " SET (PERSONAL ())",
      " SET (PERSONAL (MessageNew (UID) MessageExpunge))",
      " SET (SELECTED (MessageNew () MessageExpunge))",
      " SET (SELECTED (MessageNew (ALL) MessageExpunge))",
      " SET (SELECTED (MailboxName))",
      " SET (SELECTED NONE) (SELECTED-DELAYED NONE)",
      " SET (EVERYTHING (MailboxName))",
      " SET (SUBTREE (MailboxName))",
      " SET (MAILBOXES () (MailboxName))",
      " SET (PERSONAL (MailboxName))(SUBSCRIBED (MailboxName))",
      " SET (PERSONAL (MailboxName)) x",
    ]
  ) {
    assert.match((await alice.command(`NOTIFY${wrong}`))[0], / BAD /, wrong);
  }
  await t.fill("Archive", [mail("a")]);
  await alice.exchange("S: * STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)");
}, { config: { limits: { badCommands: 100 } } });

protocolTest("NOTIFY needs a login; PERSONAL NONE and names that can never be are harmless", async (t) => {
  const stranger = await t.connect();
  assert.match((await stranger.command("NOTIFY NONE"))[0], /BAD/);
  const alice = await t.login();
  await alice.ok('NOTIFY SET (PERSONAL NONE) (MAILBOXES ("a//b" Archive) (MessageNew MessageExpunge)) (selected NONE)');
  await t.fill("Archive", [mail("a")]);
  await alice.exchange("S: * STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)");
  await alice.ok("NOTIFY NONE");
  await t.fill("Archive", [mail("b")]);
  await silent(alice);
});

protocolTest(
  "NOTIFY: a command that comes in pieces is not interrupted, and what was pushed before it is whole",
  async (t) => {
    const alice = await t.login();
    await alice.ok("NOTIFY SET (MAILBOXES Archive (MessageNew MessageExpunge))");
    const text = mail("x");
    await alice.send(`a1 APPEND INBOX {${text.length}}\r\n`);
    assert.match(await alice.line(), /^\+ /);
    await t.fill("Archive", [mail("a")]);
    await alice.send(`${text}\r\n`);
    assert.match(await alice.line(), /^\* STATUS Archive \(MESSAGES 1 /);
    assert.match(await alice.line(), /^a1 OK /);
  },
);

protocolTest("NOTIFY: the selected mailbox's deletion by another ends the connection with BYE", async (t) => {
  const alice = await t.login();
  const other = await t.login();
  await alice.ok("CREATE Gone");
  await alice.ok("SELECT Gone");
  await alice.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))");
  await other.ok("DELETE Gone");
  assert.match(await alice.line(), /^\* BYE the selected mailbox was deleted/);
});

protocolTest("NOTIFY on 1,000 mailboxes: one subscription to the bell, and a ring is one look", async (t) => {
  const store = await t.mail();
  for (let n = 0; n < 1000; n++) await store.createMailbox(`many/${n}` as Parameters<typeof store.createMailbox>[0]);
  const bell = t.context.store.bell;
  let listeners = 0;
  const listen = bell.listen.bind(bell);
  bell.listen = (account, heard) => {
    listeners++;
    return listen(account, heard);
  };
  const looks: string[] = [];
  for (const name of ["status", "statuses", "mailboxes", "subscriptions"] as const) {
    const work = store[name].bind(store) as (...args: unknown[]) => Promise<never>;
    Object.defineProperty(store, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        looks.push(name);
        return work(...args);
      },
    });
  }
  const alice = await t.login();
  await alice.ok(`NOTIFY SET (PERSONAL (${ALL} MailboxName))`);
  assert.equal(listeners, 1);
  assert(looks.length < 10, `${looks.length} queries`);
  looks.length = 0;
  await t.fill("many/500", [mail("a")]);
  await alice.exchange("S: * STATUS many/500 (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)");
  assert.deepEqual(looks, ["status"]);
});

protocolTest(
  "NOTIFY: shared mailboxes are heard of while there are rights, and not a word after (RFC 5465 §5.4, §5.9)",
  async (t) => {
    const alice = await t.login();
    const bob = await t.login({ address: "bob@example.org" });
    await bob.ok("CREATE Plans");
    await alice.ok("NOTIFY SET (SUBTREE Shared (MessageNew MessageExpunge MailboxName))");
    await t.fill("Plans", [mail("a")], "bob@example.org");
    await silent(alice);
    await bob.ok("SETACL Plans alice@example.org lr");
    await alice.exchange(`
    S: ...
    S: * LIST (\\HasNoChildren) "/" Shared/bob@example.org/Plans
    S: * STATUS Shared/bob@example.org/Plans (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ...)
  `);
    await t.fill("Plans", [mail("b")], "bob@example.org");
    await alice.exchange("S: * STATUS Shared/bob@example.org/Plans (MESSAGES 2 UIDNEXT 3 UIDVALIDITY ...)");
    await bob.ok("SETACL Plans alice@example.org l");
    await alice.exchange('S: * LIST (\\HasNoChildren \\NoAccess) "/" Shared/bob@example.org/Plans');
    await t.fill("Plans", [mail("c")], "bob@example.org");
    await silent(alice);
    await bob.ok("DELETEACL Plans alice@example.org");
    await alice.exchange(`
    S: ...
    S: * LIST (\\NonExistent) "/" Shared/bob@example.org/Plans
  `);
    await t.fill("Plans", [mail("d")], "bob@example.org");
    await silent(alice);
  },
);

protocolTest("NOTIFY: an account that shared a mailbox is removed, and who listened to it goes on", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: "bob@example.org" });
  await bob.ok("CREATE Plans");
  await bob.ok("SETACL Plans alice@example.org lr");
  await alice.ok("NOTIFY SET (SUBTREE Shared (MailboxMetadataChange))");
  const { id } = await t.account("bob@example.org");
  await bob.ok("LOGOUT");
  await t.store.directory.remove(id);
  // The last ring of what was committed before it was gone.
  t.store.bell.ring({ account: id, mailboxes: [], modseq: 99 as ModSeq });
  await alice.ok("NOOP");
  await alice.ok("NOOP");
});
