import { mail, protocolTest } from "../support/protocol.ts";

const inbox = [mail("=?koi8-r?B?zcHU2A==?="), mail("other")];

protocolTest("CHARSET says what the strings are in (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("EXAMINE INBOX");
  await client.send("a SEARCH CHARSET KOI8-R SUBJECT {4+}\r\n");
  await client.send(Uint8Array.of(0xed, 0xe1, 0xf4, 0xf8, 13, 10));
  await client.exchange(`
    S: * SEARCH 1
    S: a OK ...
    C: b SEARCH CHARSET UTF-8 SUBJECT "мать"
    S: * SEARCH 1
    S: b OK ...
    C: c SEARCH CHARSET "us-ascii" SUBJECT OTHER
    S: * SEARCH 2
    S: c OK ...
    C: d SEARCH RETURN (COUNT) CHARSET UTF-8 ALL
    S: * ESEARCH (TAG "d") COUNT 2
    S: d OK ...
  `);
});

protocolTest("an unknown CHARSET is NO [BADCHARSET] with those that are known (RFC 9051 §7.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: o EXAMINE INBOX
    S: o OK ...
    C: a SEARCH CHARSET x-unknown SUBJECT x
    S: a NO [BADCHARSET (US-ASCII UTF-8)] ...
    C: b SEARCH CHARSET x-unknown SUBJECT
    S: b BAD ...
  `);
});

protocolTest("bytes that are not in the charset are BAD", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("EXAMINE INBOX");
  await client.send("a SEARCH CHARSET UTF-8 SUBJECT {1+}\r\n");
  await client.send(Uint8Array.of(0xff, 13, 10));
  await client.exchange("S: a BAD ...");
});

protocolTest("no CHARSET after ENABLE UTF8=ACCEPT (RFC 9755 §3)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: e ENABLE UTF8=ACCEPT
    S: e OK ...
    C: o EXAMINE INBOX
    S: o OK ...
    C: a SEARCH CHARSET UTF-8 SUBJECT x
    S: a BAD ...
    C: b SEARCH SUBJECT "мать"
    S: * SEARCH 1
    S: b OK ...
  `);
});
