import { protocolTest } from "../support/protocol.ts";

protocolTest("ENABLE answers what was newly turned on (RFC 5161 §3.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a ENABLE CONDSTORE X-GOOD-IDEA
    S: * ENABLED CONDSTORE
    S: a OK ...
    C: b ENABLE CONDSTORE
    S: * ENABLED
    S: b OK ...
    C: c ENABLE IMAP4rev2 QRESYNC utf8=accept
    S: * ENABLED IMAP4rev2 QRESYNC UTF8=ACCEPT
    S: c OK ...
    C: d ENABLE
    S: d BAD ...
  `);
});

protocolTest("ENABLE before login is BAD", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a ENABLE CONDSTORE
    S: a BAD ...
  `);
});

protocolTest("ENABLE CONDSTORE with a mailbox selected tells HIGHESTMODSEQ (RFC 7162 §3.1.2.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b ENABLE CONDSTORE
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * ENABLED CONDSTORE
    S: b OK ...
  `);
});
