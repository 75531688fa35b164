import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("CREATE makes parents and subscribes; MAILBOXID is told (RFC 9051 §6.3.4, RFC 8474 §4.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a CREATE owatagusiam/
    S: a OK [MAILBOXID (...)] CREATE done
    C: b CREATE owatagusiam/blurdybloop/deep
    S: b OK ...
    C: c LIST (SUBSCRIBED) "" owa*
    S: * LIST (\\HasChildren \\Subscribed) "/" owatagusiam
    S: * LIST (\\HasChildren \\Subscribed) "/" owatagusiam/blurdybloop
    S: * LIST (\\HasNoChildren \\Subscribed) "/" owatagusiam/blurdybloop/deep
    S: c OK ...
    C: d CREATE owatagusiam
    S: d NO [ALREADYEXISTS] ...
    C: e CREATE inbox
    S: e NO [ALREADYEXISTS] ...
  `);
});

protocolTest("names that can never be: NO [CANNOT]", async (t) => {
  const client = await t.login();
  for (
    const name of ['"a//b"', '"/a"', '""', '"."', '"a/../b"', '"a/./b"', '"tab\there"', '"' + "x".repeat(1001) + '"']
  ) {
    assert.match((await client.command(`CREATE ${name}`)).at(-1) ?? "", /^t\d+ (NO \[CANNOT\]|BAD)/, name);
  }
  await client.ok("NOOP");
});

protocolTest("CREATE-SPECIAL-USE: CREATE with a use (RFC 6154 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a CREATE Wichtig (USE (\\Important))
    S: a OK ...
    C: b LIST "" Wichtig
    S: * LIST (\\HasNoChildren \\Important) "/" Wichtig
    S: b OK ...
    C: c CREATE Sent2 (USE (\\Sent))
    S: c NO [USEATTR] ...
    C: d CREATE x (USE (\\Nonsense))
    S: d ...
    C: e LIST "" x
    S: e OK ...
  `);
});

protocolTest("DELETE: children first, never INBOX (RFC 9051 §6.3.5)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo/bar");
  await client.exchange(`
    C: a DELETE foo
    S: a NO [HASCHILDREN] ...
    C: b DELETE foo/bar
    S: b OK ...
    C: c DELETE foo
    S: c OK ...
    C: d DELETE foo
    S: d NO [NONEXISTENT] ...
    C: e DELETE INBOX
    S: e NO [CANNOT] ...
  `);
});

protocolTest("DELETE of the mailbox that is selected here leaves it (RFC 9051 §7.1 CLOSED)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo");
  await client.exchange(`
    C: a SELECT foo
    S: a OK ...
    C: b DELETE foo
    S: * OK [CLOSED] ...
    S: b OK ...
    C: c FETCH 1 FLAGS
    S: c BAD ...
  `);
});

protocolTest("a mailbox made again has another UIDVALIDITY (RFC 9051 §2.3.1.1)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo");
  const before = await t.uidvalidity("foo");
  await client.ok("DELETE foo");
  await client.ok("CREATE foo");
  assert(await t.uidvalidity("foo") > before);
});

protocolTest("RENAME takes children along and keeps identity (RFC 9051 §6.3.6)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo/bar");
  await t.fill("foo/bar", [mail("one")]);
  const [before] = await client.ok("STATUS foo/bar (MAILBOXID UIDVALIDITY)");
  await client.exchange(`
    C: a RENAME foo zowie/deep
    S: a OK ...
    C: b LIST "" zowie*
    S: * LIST (\\HasChildren) "/" zowie
    S: * LIST (\\HasChildren) "/" zowie/deep
    S: * LIST (\\HasNoChildren) "/" zowie/deep/bar
    S: b OK ...
    C: c RENAME zowie zowie/deep/x
    S: c NO [CANNOT] ...
    C: d RENAME nowhere x
    S: d NO [NONEXISTENT] ...
    C: e RENAME zowie Sent
    S: e NO [ALREADYEXISTS] ...
  `);
  const [after] = await client.ok("STATUS zowie/deep/bar (MAILBOXID UIDVALIDITY)");
  assert.equal(after, before.replace("foo/bar", "zowie/deep/bar"));
});

protocolTest("RENAME INBOX moves its messages and leaves INBOX (RFC 9051 §6.3.6)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.exchange(`
    C: a RENAME INBOX old-mail
    S: a OK ...
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: b OK ...
    C: c STATUS old-mail (MESSAGES)
    S: * STATUS old-mail (MESSAGES 2)
    S: c OK ...
  `);
});

protocolTest("RENAME in IMAP4rev2 tells the old name (RFC 9051 §6.3.9.7)", async (t) => {
  const client = await t.login();
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("CREATE OldMailbox");
  await client.exchange(`
    C: a RENAME OldMailbox NewMailbox
    S: * LIST (\\HasNoChildren \\Subscribed) "/" NewMailbox ("OLDNAME" (OldMailbox))
    S: a OK ...
  `);
});

protocolTest("SUBSCRIBE and UNSUBSCRIBE, also of names without a mailbox", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SUBSCRIBE later
    S: a OK ...
    C: b LSUB "" later
    S: * LSUB (\\Noselect) "/" later
    S: b OK ...
    C: c UNSUBSCRIBE later
    S: c OK ...
    C: d UNSUBSCRIBE later
    S: d OK ...
    C: e LSUB "" later
    S: e OK ...
  `);
});
