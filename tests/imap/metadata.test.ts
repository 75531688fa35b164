import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("SETMETADATA and GETMETADATA, METADATA-SERVER too (RFC 5464 §4.2, §4.3)", async (t) => {
  const client = await t.login();
  assert((await client.ok("CAPABILITY"))[0].includes(" METADATA METADATA-SERVER "));
  await client.exchange(`
    C: a SETMETADATA INBOX (/private/comment "My own comment" /shared/comment "Shared \\"one\\"")
    S: a OK ...
    C: b GETMETADATA INBOX /private/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: b OK ...
    C: c GETMETADATA INBOX (/SHARED/Comment /private/comment)
    S: * METADATA INBOX (/shared/comment "Shared \\"one\\"" /private/comment "My own comment")
    S: c OK ...
    C: d SETMETADATA INBOX (/private/comment NIL)
    S: d OK ...
    C: e GETMETADATA INBOX (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment "Shared \\"one\\"" /private/comment NIL)
    S: e OK ...
    C: f SETMETADATA "" (/private/vendor/roost/x "one")
    S: f OK ...
    C: g GETMETADATA "" /private/vendor/roost/x
    S: * METADATA "" (/private/vendor/roost/x "one")
    S: g OK ...
    C: h SETMETADATA "" (/private/vendor/roost/x "two" /shared/comment "all")
    S: h NO [NOPERM] ...
    C: i GETMETADATA "" (/private/vendor/roost/x /shared/comment)
    S: * METADATA "" (/private/vendor/roost/x "one" /shared/comment NIL)
    S: i OK ...
    C: j SETMETADATA nowhere (/private/comment "x")
    S: j NO [NONEXISTENT] ...
    C: k GETMETADATA nowhere /private/comment
    S: k NO [NONEXISTENT] ...
  `);
});

protocolTest("values keep every byte: CRLF, 8-bit, and NUL in literal8 (RFC 5464 §5)", async (t) => {
  const client = await t.login();
  await client.send(
    "a SETMETADATA INBOX (/private/comment {33+}\r\nMy new comment across\r\ntwo lines. /shared/comment ~{3+}\r\n\0\xff\x01)\r\n",
  );
  assert.match(await client.line(), /^a BAD/); // \xff went out as two bytes of UTF-8
  await client.send(
    new TextEncoder().encode(
      "b SETMETADATA INBOX (/private/comment {33+}\r\nMy new comment across\r\ntwo lines. /shared/comment ~{3+}\r\n",
    ),
  );
  await client.send(Uint8Array.of(0, 255, 1, 0x29, 13, 10));
  assert.match(await client.line(), /^b OK/);
  await client.send("c GETMETADATA INBOX (/private/comment /shared/comment)\r\n");
  assert.deepEqual(await client.answer("c"), [
    "* METADATA INBOX (/private/comment {33}",
    "My new comment across",
    "two lines. /shared/comment ~{3}",
    "\0\xff\x01)",
    "c OK GETMETADATA done",
  ]);
});

protocolTest("MAXSIZE leaves long values out and tells the longest (RFC 5464 §4.2.1)", async (t) => {
  const client = await t.login();
  await client.ok(`SETMETADATA INBOX (/private/comment "My own comment" /shared/comment "${"x".repeat(999)}")`);
  await client.exchange(`
    C: a GETMETADATA INBOX (MAXSIZE 100) (/shared/comment /private/comment)
    S: * METADATA INBOX (/private/comment "My own comment")
    S: a OK [METADATA LONGENTRIES 999] ...
    C: b GETMETADATA (MAXSIZE 14) INBOX (/shared/comment /private/comment)
    S: * METADATA INBOX (/private/comment "My own comment")
    S: b OK [METADATA LONGENTRIES 999] ...
    C: c GETMETADATA INBOX (MAXSIZE 13) /private/comment
    S: c OK [METADATA LONGENTRIES 14] ...
    C: d GETMETADATA INBOX (MAXSIZE 999) /private/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: d OK GETMETADATA done
  `);
});

protocolTest("DEPTH tells entries below (RFC 5464 §4.2.2)", async (t) => {
  const client = await t.login();
  await client.ok(
    'SETMETADATA INBOX (/private/filters/values/small "SMALLER 5000" /private/filters/values/boss "FROM x" ' +
      '/private/filters/values/boss/deep "1" /private/filters/valuesno "2")',
  );
  await client.exchange(`
    C: a GETMETADATA INBOX (DEPTH 1) (/private/filters/values)
    S: * METADATA INBOX (/private/filters/values/boss "FROM x" /private/filters/values/small "SMALLER 5000")
    S: a OK ...
    C: b GETMETADATA (DEPTH infinity MAXSIZE 6) INBOX /private/filters/values
    S: * METADATA INBOX (/private/filters/values/boss "FROM x" /private/filters/values/boss/deep "1")
    S: b OK [METADATA LONGENTRIES 12] ...
    C: c GETMETADATA INBOX (DEPTH 0) /private/filters/values
    S: * METADATA INBOX (/private/filters/values NIL)
    S: c OK ...
    C: d GETMETADATA INBOX (DEPTH infinity) /shared
    S: * METADATA INBOX (/shared NIL)
    S: d OK ...
    C: e GETMETADATA INBOX (DEPTH 2) /shared
    S: e BAD ...
    C: f GETMETADATA INBOX (DEPTH 1 DEPTH 1) /shared
    S: f BAD ...
  `);
});

protocolTest("bad entry names and grammar are BAD and change nothing (RFC 5464 §3.2)", async (t) => {
  const client = await t.login();
  for (
    const args of [
      "INBOX",
      "INBOX ()",
      "INBOX (/private/comment)",
      'INBOX (/private/comment "x" /private)',
      'INBOX (/private "x")',
      'INBOX (/private/comment "x" /comment "x")',
      'INBOX (/private/comment/ "x")',
      'INBOX (/private//comment "x")',
      'INBOX ("/private/a*" "x")',
      'INBOX ("/private/a%" "x")',
      'INBOX (/private/vendor/x "x")',
      'INBOX /private/comment "x"',
      'INBOX (/private/comment "x") more',
    ]
  ) {
    const answer = (await client.command(`SETMETADATA ${args}`)).at(-1) ?? "";
    assert.match(answer, /^t\d+ BAD/, `${args} -> ${answer}`);
  }
  for (const args of ["INBOX", "INBOX ()", "INBOX comment", "INBOX (MAXSIZE x) /private/a", "(DEPTH 1) INBOX"]) {
    const answer = (await client.command(`GETMETADATA ${args}`)).at(-1) ?? "";
    assert.match(answer, /^t\d+ BAD/, `${args} -> ${answer}`);
  }
  assert.deepEqual(await client.ok("GETMETADATA INBOX /private/comment"), [
    "* METADATA INBOX (/private/comment NIL)",
  ]);
  const stranger = await t.connect();
  assert.match((await stranger.command('GETMETADATA "" /private/comment')).at(-1) ?? "", /BAD/);
});

protocolTest(
  "METADATA limits: values, entries, bytes; then nothing of the command is done (RFC 5464 §4.3)",
  async (t) => {
    const client = await t.login();
    const store = await t.mail();
    const value = new Uint8Array(100 * 1024).fill(120);
    const inbox = await store.mailbox("INBOX" as Parameters<typeof store.mailbox>[0]);
    assert(inbox);
    await assert.rejects(
      store.setAnnotations(inbox.id, [
        { entry: "/private/a", value: new Uint8Array(1) },
        { entry: "/private/b", value: new Uint8Array(100 * 1024 + 1) },
      ]),
      { fault: "toolarge", most: 100 * 1024 },
    );
    for (let i = 0; i < 9; i++) await store.setAnnotations(inbox.id, [{ entry: `/private/big${i}`, value }]);
    await client.send(`a SETMETADATA INBOX (/private/one "1" /private/big9 {102400}\r\n`);
    assert.match(await client.line(), /^\+/);
    await client.send(`${"x".repeat(102400)})\r\n`);
    assert.match(await client.line(), /^a NO \[METADATA MAXSIZE 1000000\]/);
    assert.deepEqual(await client.ok("GETMETADATA INBOX /private/one"), ["* METADATA INBOX (/private/one NIL)"]);
    // What makes less is let in.
    await client.ok('SETMETADATA INBOX (/private/big0 "small")');
    const many = Array.from({ length: 1000 - 9 }, (_, i) => ({ entry: `/private/n${i}`, value: new Uint8Array(1) }));
    await store.setAnnotations(null, many);
    await client.exchange(`
    C: b SETMETADATA INBOX (/private/comment "My new comment")
    S: b NO [METADATA TOOMANY] ...
    C: c SETMETADATA INBOX (/private/big1 NIL /private/comment "My new comment")
    S: c OK ...
  `);
  },
);

protocolTest("annotations follow RENAME, stay on INBOX, end with DELETE (RFC 5464 §4.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("CREATE One");
  await client.ok('SETMETADATA One (/private/comment "of one")');
  await client.ok('SETMETADATA INBOX (/private/comment "of inbox")');
  await client.ok("RENAME One Two");
  await client.ok("RENAME INBOX Old");
  await client.exchange(`
    C: a GETMETADATA Two /private/comment
    S: * METADATA Two (/private/comment "of one")
    S: a OK ...
    C: b GETMETADATA Old /private/comment
    S: * METADATA Old (/private/comment "of inbox")
    S: b OK ...
    C: c GETMETADATA INBOX /private/comment
    S: * METADATA INBOX (/private/comment "of inbox")
    S: c OK ...
  `);
  await client.ok("DELETE Two");
  await client.ok("CREATE Two");
  assert.deepEqual(await client.ok("GETMETADATA Two /private/comment"), ["* METADATA Two (/private/comment NIL)"]);
});

protocolTest("changes by others are told after ENABLE METADATA, names only (RFC 5464 §4.4.2)", async (t) => {
  const client = await t.login();
  const quiet = await t.login();
  const other = await t.login();
  await client.exchange(`
    C: a ENABLE METADATA
    S: * ENABLED METADATA
    S: a OK ...
  `);
  await other.ok('SETMETADATA INBOX (/shared/comment "x" /private/comment "y")');
  await other.ok('SETMETADATA "" (/private/comment "z")');
  await client.exchange(`
    C: b NOOP
    S: * METADATA "" /private/comment
    S: * METADATA INBOX /private/comment /shared/comment
    S: b OK ...
    C: c NOOP
    S: c OK ...
    C: d SETMETADATA INBOX (/private/comment "mine")
    S: d OK ...
    C: e NOOP
    S: e OK ...
    C: f IDLE
    S: + idling
  `);
  await other.ok("SETMETADATA INBOX (/shared/comment NIL)");
  await client.exchange(`
    S: * METADATA INBOX /shared/comment
    C: DONE
    S: f OK ...
  `);
  assert.deepEqual(await quiet.ok("NOOP"), []);
});

protocolTest("ENABLE METADATA-SERVER tells of the server's annotations alone", async (t) => {
  const client = await t.login();
  const other = await t.login();
  await client.ok("ENABLE METADATA-SERVER");
  await other.ok('SETMETADATA INBOX (/private/comment "y")');
  await other.ok('SETMETADATA "" (/private/comment "z")');
  assert.deepEqual(await client.ok("NOOP"), ['* METADATA "" /private/comment']);
});

protocolTest("what the configuration says of the server can be read, not set (RFC 5464 §3.2.1.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a GETMETADATA "" (/shared/comment /shared/admin)
    S: * METADATA "" (/shared/comment "Shared comment" /shared/admin mailto:postmaster@example.org)
    S: a OK ...
  `.replace("mailto:postmaster@example.org", '"mailto:postmaster@example.org"'));
  assert.match((await client.command('SETMETADATA "" (/shared/admin NIL)')).at(-1) ?? "", /NO \[NOPERM\]/);
}, { config: { metadata: { comment: "Shared comment", admin: "mailto:postmaster@example.org" } } });
