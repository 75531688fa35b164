import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const JULY = Date.UTC(1996, 6, 17, 2, 44, 25) / 1000;

protocolTest("FETCH FAST and single items (RFC 9051 §6.4.5)", async (t) => {
  const text = mail("one");
  const client = await t.login({ inbox: [{ text, flags: ["\\Flagged", "work"], date: JULY }] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 FAST
    S: * 1 FETCH (FLAGS (\\Flagged work \\Recent) INTERNALDATE "17-Jul-1996 02:44:25 +0000" RFC822.SIZE ${text.length})
    S: b OK FETCH done
    C: c FETCH 1 UID
    S: * 1 FETCH (UID 1)
    S: c OK ...
    C: d UID FETCH 1 (RFC822.SIZE)
    S: * 1 FETCH (UID 1 RFC822.SIZE ${text.length})
    S: d OK UID FETCH done
  `);
});

protocolTest("FETCH ENVELOPE (RFC 9051 §7.5.2)", async (t) => {
  const client = await t.login({ inbox: [mail("hello")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 ENVELOPE
    S: * 1 FETCH (ENVELOPE ("Mon, 7 Feb 1994 21:52:25 -0800" "hello" (("Alice" NIL "alice" "example.org")) (("Alice" NIL "alice" "example.org")) (("Alice" NIL "alice" "example.org")) (("Bob" NIL "bob" "example.org")) NIL NIL NIL "<hello@example.org>"))
    S: b OK ...
  `);
});

protocolTest("FETCH BODY and BODYSTRUCTURE: without and with extension data (RFC 9051 §7.5.2)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "two\r\nlines\r\n")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 (BODY)
    S: * 1 FETCH (BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 12 2))
    S: b OK ...
    C: c FETCH 1 (BODYSTRUCTURE)
    S: * 1 FETCH (BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 12 2 NIL NIL NIL NIL))
    S: c OK ...
  `);
});

protocolTest("FETCH SAVEDATE is a date-time of now (RFC 8514 §4.2)", async (t) => {
  const before = Math.floor(Date.now() / 1000);
  const client = await t.login({ inbox: [{ text: mail("one"), date: JULY }] });
  await client.ok("EXAMINE INBOX");
  const [line] = await client.ok("FETCH 1 (SAVEDATE)");
  const date = /^\* 1 FETCH \(SAVEDATE "([^"]+)"\)$/.exec(line)?.[1];
  const seconds = Date.parse(String(date).replaceAll("-", " ").replace(/ (\d{4}) (\d\d:)/, " $1 $2")) / 1000;
  assert(seconds >= before && seconds <= Date.now() / 1000 + 1, line);
});

protocolTest("FETCH EMAILID and THREADID are the same for a copy (RFC 8474 §5)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.ok("SELECT INBOX");
  const [one, two] = await client.ok("FETCH 1:2 (EMAILID THREADID)");
  assert.match(one, /^\* 1 FETCH \(EMAILID \([A-Za-z0-9_-]+\) THREADID \([A-Za-z0-9_-]+\)\)$/);
  assert.notEqual(one.slice(4), two.slice(4));
  await client.ok("COPY 1 Archive");
  await client.ok("SELECT Archive");
  assert.deepEqual(await client.ok("FETCH 1 (EMAILID THREADID)"), [one]);
});

protocolTest("FETCH PREVIEW, also LAZY (RFC 8970 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "Lorem ipsum\r\ndolor\r\n")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 (PREVIEW)
    S: * 1 FETCH (PREVIEW "Lorem ipsum dolor")
    S: b OK ...
    C: c UID FETCH 1 (PREVIEW (LAZY))
    S: * 1 FETCH (UID 1 PREVIEW "Lorem ipsum dolor")
    S: c OK ...
  `);
});

protocolTest("FETCH of many messages gives each once, in order", async (t) => {
  const client = await t.login({ inbox: Array.from({ length: 150 }, (_, i) => mail(`m${i}`)) });
  await client.ok("EXAMINE INBOX");
  const numbers = (lines: string[]) => lines.map((line) => Number(line.split(" ")[1]));
  const all = Array.from({ length: 150 }, (_, i) => i + 1);
  assert.deepEqual(numbers(await client.ok("FETCH 1:* (UID FLAGS)")), all);
  assert.deepEqual(numbers(await client.ok("FETCH 1:* (UID INTERNALDATE)")), all);
  assert.deepEqual(numbers(await client.ok("FETCH 3,5:7,6:9,150 (RFC822.SIZE)")), [3, 5, 6, 7, 8, 9, 150]);
});

protocolTest("FETCH of numbers beyond the mailbox is BAD, of UIDs is not (RFC 9051 §6.4.9)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 2 FLAGS
    S: b BAD ...
    C: c UID FETCH 2:5 FLAGS
    S: c OK UID FETCH done
    C: d UID FETCH 1:* ALL
    S: * 1 FETCH (UID 1 FLAGS (\\Recent) INTERNALDATE ...
    S: d OK ...
  `);
});

protocolTest("FETCH of a message that another session removed is still answered (RFC 2180 §4.1.1)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("one"), flags: ["\\Seen"] }, mail("two")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await client.ok("NOOP");
  await other.ok("EXPUNGE");
  await client.exchange(`
    C: a FETCH 1:2 (UID FLAGS)
    S: * 2 FETCH (UID 2 FLAGS ())
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Deleted))
    S: a OK ...
    C: b FETCH 1 (BODY.PEEK[HEADER.FIELDS (Subject)])
    S: * 1 FETCH (BODY[HEADER.FIELDS (Subject)] {16}
    S: Subject: one
    S:
    S: )
    S: b OK ...
    C: c FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {5}
    S: one
    S: )
    S: c OK ...
    C: d NOOP
    S: * 1 EXPUNGE
    S: d OK ...
  `);
});
