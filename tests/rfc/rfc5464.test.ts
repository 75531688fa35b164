/** The exchanges of RFC 5464. */
import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("RFC 5464 §4.2: GETMETADATA of the server and of a mailbox", async (t) => {
  const client = await t.login();
  await client.ok('SETMETADATA INBOX (/private/comment "My own comment" /shared/comment "Shared comment")');
  await client.exchange(`
    C: a GETMETADATA "" /shared/comment
    S: * METADATA "" (/shared/comment "Shared comment")
    S: a OK ...
    C: b GETMETADATA "INBOX" /private/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: b OK ...
    C: c GETMETADATA "INBOX" (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment "Shared comment" /private/comment "My own comment")
    S: c OK ...
  `);
}, { config: { metadata: { comment: "Shared comment" } } });

protocolTest("RFC 5464 §4.2.1: MAXSIZE and LONGENTRIES", async (t) => {
  const client = await t.login();
  await client.ok(
    `SETMETADATA INBOX (/private/comment "My own comment" /shared/comment {2199+}\r\n${"x".repeat(2199)})`,
  );
  await client.exchange(`
    C: a GETMETADATA "INBOX" (MAXSIZE 1024) (/shared/comment /private/comment)
    S: * METADATA INBOX (/private/comment "My own comment")
    S: a OK [METADATA LONGENTRIES 2199] ...
  `);
});

protocolTest("RFC 5464 §4.2.2: DEPTH 1", async (t) => {
  const client = await t.login();
  await client.ok(
    'SETMETADATA INBOX (/private/filters/values/small "SMALLER 5000" ' +
      '/private/filters/values/boss "FROM \\"boss@example.com\\"")',
  );
  await client.exchange(`
    C: a GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)
    S: * METADATA INBOX (/private/filters/values/boss "FROM \\"boss@example.com\\"" /private/filters/values/small "SMALLER 5000")
    S: a OK ...
  `);
});

protocolTest("RFC 5464 §4.3: SETMETADATA with a literal, NIL, and several entries", async (t) => {
  const client = await t.login();
  await client.send("a SETMETADATA INBOX (/private/comment {33}\r\n");
  assert.match(await client.line(), /^\+ /);
  await client.send("My new comment across\r\ntwo lines.)\r\n");
  assert.match(await client.line(), /^a OK/);
  await client.exchange(`
    C: b SETMETADATA INBOX (/private/comment NIL)
    S: b OK ...
    C: c SETMETADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")
    S: c OK ...
    C: d GETMETADATA "INBOX" /private/comment /shared/comment
    S: * METADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")
    S: d OK ...
  `);
});

protocolTest("RFC 5464 §4.4.2: METADATA without values, in NOOP", async (t) => {
  const client = await t.login();
  const other = await t.login();
  await client.ok("ENABLE METADATA");
  await other.ok('SETMETADATA "INBOX" (/shared/comment "a" /private/comment "b")');
  await client.exchange(`
    C: a NOOP
    S: * METADATA INBOX /private/comment /shared/comment
    S: a OK ...
  `);
});
