import { mail, protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";

/** A client that knows seven messages, of which another session has expunged 4 to 7. */
async function withExpunged(t: TestServer): Promise<TestClient> {
  const client = await t.login({ inbox: ["1", "2", "3", "4", "5", "6", "7"].map((name) => mail(name, name)) });
  const other = await t.login();
  await client.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await other.ok("STORE 4:7 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  return client;
}

protocolTest("a mailbox deleted under a session: BYE (RFC 2180 §3.3)", async (t) => {
  const client = await t.login();
  const other = await t.login();
  await client.ok("CREATE FOO");
  await client.ok("SELECT FOO");
  await other.ok("DELETE FOO");
  await client.exchange(`
    C: A001 NOOP
    S: * BYE the selected mailbox was deleted
  `);
});

protocolTest("a renamed mailbox stays selected (RFC 2180 §3.4)", async (t) => {
  const client = await t.login();
  await t.fill("FOO", [mail("one", "text")]);
  const other = await t.login();
  await client.ok("SELECT FOO");
  await other.ok("RENAME FOO BAR");
  await client.exchange(`
    C: A001 FETCH 1 BODY.PEEK[TEXT]
    S: * 1 FETCH (BODY[TEXT] {4}
    S: text)
    S: A001 OK ...
  `);
});

protocolTest("expunged messages can be fetched until their removal is told (RFC 2180 §4.1.1)", async (t) => {
  const client = await withExpunged(t);
  await client.exchange(`
    C: B001 FETCH 3:4 BODY.PEEK[TEXT]
    S: * 3 FETCH (BODY[TEXT] {1}
    S: 3)
    S: * 4 FETCH (BODY[TEXT] {1}
    S: 4)
    S: B001 OK ...
    C: B002 NOOP
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: B002 OK ...
  `);
});

protocolTest("STORE .SILENT of expunged messages is OK (RFC 2180 §4.2.1)", async (t) => {
  const client = await withExpunged(t);
  await client.exchange(`
    C: B001 STORE 1:7 +FLAGS.SILENT (\\Seen)
    S: B001 OK STORE done
  `);
});

protocolTest("STORE of nothing but expunged messages is NO (RFC 2180 §4.2.2)", async (t) => {
  const client = await withExpunged(t);
  await client.exchange(`
    C: B001 STORE 5:7 +FLAGS (\\Seen)
    S: B001 NO [EXPUNGEISSUED] some of the messages are gone
    C: B002 UID STORE 5:7 +FLAGS (\\Seen)
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: B002 OK UID STORE done
  `);
});

protocolTest("STORE of expunged and other messages: FETCH for the others, and NO (RFC 2180 §4.2.3)", async (t) => {
  const client = await withExpunged(t);
  await client.exchange(`
    C: B001 STORE 1:7 +FLAGS (\\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))
    S: * 3 FETCH (UID 3 FLAGS (\\Seen \\Recent))
    S: B001 NO [EXPUNGEISSUED] ...
    C: B002 NOOP
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: B002 OK NOOP done
  `);
});

protocolTest("SEARCH does not find expunged messages (RFC 2180 §4.3)", async (t) => {
  const client = await withExpunged(t);
  await client.exchange(`
    C: B001 SEARCH ALL
    S: * SEARCH 1 2 3
    S: B001 OK ...
  `);
});

for (const command of ["COPY", "MOVE"]) {
  protocolTest(`${command} of expunged messages copies nothing and tells EXPUNGE (RFC 2180 §4.4.1)`, async (t) => {
    const client = await withExpunged(t);
    await client.exchange(`
      C: A001 ${command} 2,4,6 Archive
      S: * 4 EXPUNGE
      S: * 4 EXPUNGE
      S: * 4 EXPUNGE
      S: * 4 EXPUNGE
      S: A001 NO [EXPUNGEISSUED] some of the messages are gone
      C: A002 STATUS Archive (MESSAGES)
      S: * STATUS Archive (MESSAGES 0)
      S: A002 OK ...
      C: A003 UID ${command} 2,4,6 Archive
      S: ...
      S: A003 OK ...
      C: A004 STATUS Archive (MESSAGES)
      S: * STATUS Archive (MESSAGES 1)
      S: A004 OK ...
    `);
  });
}
