import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("BODY[] sets \\Seen and tells it with the message, once (RFC 9051 §6.4.5)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x"), mail("two", "y")] });
  await client.ok("EXAMINE INBOX");
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH 1:2 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x FLAGS (\\Seen \\Recent))
    S: * 2 FETCH (BODY[TEXT] {1}
    S: y FLAGS (\\Seen \\Recent))
    S: b OK FETCH done
    C: c NOOP
    S: c OK NOOP done
    C: d FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x)
    S: d OK ...
    C: e SEARCH UNSEEN
    S: * SEARCH
    S: e OK ...
  `);
});

protocolTest("FLAGS asked for beside BODY[] have \\Seen already", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("one", "x"), flags: ["\\Flagged"] }] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH 1 (FLAGS BODY[TEXT])
    S: * 1 FETCH (FLAGS (\\Seen \\Flagged \\Recent) BODY[TEXT] {1}
    S: x)
    S: b OK ...
  `);
});

protocolTest("PEEK and EXAMINE do not set \\Seen (RFC 9051 §6.4.5, §6.3.3)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x")] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH 1 BODY.PEEK[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x)
    S: b OK ...
    C: c EXAMINE INBOX
    S: c OK ...
    C: d FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x)
    S: d OK ...
    C: e FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS ())
    S: e OK ...
  `);
});

protocolTest("another session learns of \\Seen set by FETCH", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x")] });
  const other = await t.login();
  await client.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await client.ok("FETCH 1 RFC822.TEXT");
  await other.exchange(`
    C: a NOOP
    S: * 1 FETCH (UID 1 FLAGS (\\Seen))
    S: a OK ...
  `);
});

protocolTest(
  "a client that follows modseqs is told UID and MODSEQ of \\Seen set by FETCH (RFC 7162 §3.2.4)",
  async (t) => {
    const client = await t.login({ inbox: [mail("one", "x")] });
    await client.exchange(`
    C: a ENABLE CONDSTORE
    S: a OK ...
    C: b EXAMINE INBOX
    S: b OK ...
    C: c SELECT INBOX
    S: c OK ...
    C: d FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: d OK FETCH done
    C: e NOOP
    S: e OK NOOP done
    C: f FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x)
    S: f OK ...
  `);
  },
);

protocolTest(
  "FLAGS and MODSEQ of one response belong together, \\Seen follows with its own (RFC 7162 §3.1.4.2)",
  async (t) => {
    const client = await t.login({ inbox: [mail("one", "x")] });
    await client.exchange(`
    C: a SELECT INBOX (CONDSTORE)
    S: a OK ...
    C: b UID FETCH 1 (FLAGS MODSEQ BODY[TEXT])
    S: * 1 FETCH (UID 1 FLAGS (\\Recent) MODSEQ (...) BODY[TEXT] {1}
    S: x)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: b OK ...
  `);
  },
);
