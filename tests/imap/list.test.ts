import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("a new account has INBOX and the special-use mailboxes (RFC 6154)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a LIST "" *
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasNoChildren \\Archive) "/" Archive
    S: * LIST (\\HasNoChildren \\Drafts) "/" Drafts
    S: * LIST (\\HasNoChildren \\Junk) "/" Junk
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: * LIST (\\HasNoChildren \\Trash) "/" Trash
    S: a OK LIST done
    C: b LIST (SPECIAL-USE) "" "S*"
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: b OK ...
  `);
});

protocolTest("LIST with an empty pattern tells the separator (RFC 9051 §6.3.9)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a LIST "" ""
    S: * LIST (\\Noselect) "/" ""
    S: a OK ...
    C: b LIST "" ("")
    S: b OK ...
  `);
});

protocolTest("wildcards: % stops at the separator, * does not (RFC 9051 §6.3.9)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE a/b/c");
  await client.exchange(`
    C: a LIST "" a%
    S: * LIST (\\HasChildren) "/" a
    S: a OK ...
    C: b LIST "" a*
    S: * LIST (\\HasChildren) "/" a
    S: * LIST (\\HasChildren) "/" a/b
    S: * LIST (\\HasNoChildren) "/" a/b/c
    S: b OK ...
    C: c LIST a/ %
    S: * LIST (\\HasChildren) "/" a/b
    S: c OK ...
    C: d LIST "" %/%/c
    S: * LIST (\\HasNoChildren) "/" a/b/c
    S: d OK ...
    C: e LIST "" inbox
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: e OK ...
    C: f LIST "" INBO%
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: f OK ...
  `);
});

protocolTest("LIST-EXTENDED: SUBSCRIBED tells names that do not exist (RFC 5258 §3.1)", async (t) => {
  const client = await t.login();
  for (const name of ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]) await client.ok(`UNSUBSCRIBE ${name}`);
  await client.ok("SUBSCRIBE fruit/peach");
  await client.ok("SUBSCRIBE INBOX");
  await client.exchange(`
    C: a LIST (SUBSCRIBED) "" *
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: * LIST (\\NonExistent \\Subscribed) "/" fruit/peach
    S: a OK ...
    C: b LIST "" I* RETURN (SUBSCRIBED CHILDREN)
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: b OK ...
  `);
});

protocolTest("LIST-EXTENDED: RECURSIVEMATCH and CHILDINFO (RFC 5258 §4)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo2/bar2");
  await client.ok("UNSUBSCRIBE foo2");
  await client.ok("SUBSCRIBE baz2/bar22");
  await client.exchange(`
    C: a LIST (RECURSIVEMATCH SUBSCRIBED) "" foo2*
    S: * LIST (\\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasNoChildren \\Subscribed) "/" foo2/bar2
    S: a OK ...
    C: b LIST (SUBSCRIBED RECURSIVEMATCH) "" (b% foo%)
    S: * LIST (\\NonExistent) "/" baz2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: b OK ...
    C: c LIST (RECURSIVEMATCH) "" *
    S: c BAD ...
    C: d LIST (REMOTE RECURSIVEMATCH) "" *
    S: d BAD ...
    C: e LIST (FOO) "" *
    S: e BAD ...
  `);
});

protocolTest("LIST with several patterns tells each mailbox once (RFC 5258 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a LIST "" (INBOX "I*" Sent)
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: a OK ...
  `);
});

protocolTest("LIST-STATUS (RFC 5819)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a LIST "" (INBOX Sent) RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 0 UNSEEN 0)
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: * STATUS Sent (MESSAGES 0 UNSEEN 0)
    S: a OK ...
  `);
});

protocolTest("LSUB tells levels above subscribed names with % (RFC 3501 §6.3.9)", async (t) => {
  const client = await t.login();
  for (const name of ["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"]) await client.ok(`UNSUBSCRIBE ${name}`);
  await client.ok("SUBSCRIBE #news/comp/mail");
  await client.ok("SUBSCRIBE INBOX");
  await client.exchange(`
    C: a LSUB "" *
    S: * LSUB () "/" INBOX
    S: * LSUB (\\Noselect) "/" "#news/comp/mail"
    S: a OK ...
    C: b LSUB "#news/" %
    S: * LSUB (\\Noselect) "/" "#news/comp"
    S: b OK ...
  `);
});

protocolTest("NAMESPACE (RFC 2342)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a NAMESPACE
    S: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
    S: a OK ...
  `);
});

protocolTest("LIST with a pattern made to blow up is answered", async (t) => {
  const client = await t.login();
  await client.ok(`CREATE ${"a/".repeat(40)}a`);
  const lines = await client.ok(`LIST "" ${"*%".repeat(300)}q`);
  assert.equal(lines.length, 0);
});
