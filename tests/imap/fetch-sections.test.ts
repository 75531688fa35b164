import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

/** The message of RFC 9051 §6.4.5.1's list of part specifiers. */
const NESTED = [
  "From: a@example.org",
  "Subject: outer",
  "Content-Type: multipart/mixed; boundary=o",
  "",
  "--o",
  "Content-Type: text/plain",
  "",
  "part one",
  "--o",
  "Content-Type: message/rfc822",
  "",
  "Subject: inner",
  "Content-Type: multipart/mixed; boundary=i",
  "",
  "--i",
  "Content-Type: text/plain",
  "X-Part: two-one",
  "",
  "part two one",
  "--i",
  "Content-Type: text/html",
  "",
  "<p>",
  "--i--",
  "--o--",
  "",
].join("\r\n");

/** What the section holds; null for NIL. */
async function section(client: TestClient, asked: string, number = 1): Promise<string | null> {
  const [first, ...rest] = await client.ok(`FETCH ${number} ${asked}`);
  if (/ NIL\)$/.test(first)) return null;
  const size = Number(/\{(\d+)\}$/.exec(first)?.[1]);
  const all = rest.join("\r\n");
  assert.equal(all.slice(size), ")", `${asked}: ${first}`);
  return all.slice(0, size);
}

protocolTest("BODY[] gives back the bytes that came (RFC 9051 §6.4.5)", async (t) => {
  const client = await t.login({ inbox: [NESTED] });
  await client.ok("EXAMINE INBOX");
  for (const item of ["BODY[]", "BODY.PEEK[]", "RFC822"]) assert.equal(await section(client, item), NESTED);
  const header = NESTED.slice(0, NESTED.indexOf("\r\n\r\n") + 4);
  for (const item of ["BODY[HEADER]", "RFC822.HEADER"]) assert.equal(await section(client, item), header);
  for (const item of ["BODY[TEXT]", "RFC822.TEXT"]) {
    assert.equal(await section(client, item), NESTED.slice(header.length));
  }
});

protocolTest("BODY[n.m] finds nested parts (RFC 9051 §6.4.5.1)", async (t) => {
  const client = await t.login({ inbox: [NESTED] });
  await client.ok("EXAMINE INBOX");
  assert.equal(await section(client, "BODY[1]"), "part one");
  assert.equal(await section(client, "BODY[1.MIME]"), "Content-Type: text/plain\r\n\r\n");
  assert.match(await section(client, "BODY[2]") ?? "", /^Subject: inner\r\n.*--i--$/s);
  assert.match(await section(client, "BODY[2.HEADER]") ?? "", /^Subject: inner\r\n[^\r]+\r\n\r\n$/);
  assert.match(await section(client, "BODY[2.TEXT]") ?? "", /^--i\r\n.*--i--$/s);
  assert.equal(await section(client, "BODY[2.HEADER.FIELDS (SUBJECT)]"), "Subject: inner\r\n\r\n");
  assert.equal(await section(client, "BODY[2.1]"), "part two one");
  assert.equal(await section(client, "BODY[2.1.MIME]"), "Content-Type: text/plain\r\nX-Part: two-one\r\n\r\n");
  assert.equal(await section(client, "BODY[2.2]"), "<p>");
});

protocolTest("BODY of a part that is not there is NIL (RFC 9051 §9 nstring)", async (t) => {
  const client = await t.login({ inbox: [NESTED] });
  await client.ok("EXAMINE INBOX");
  for (const item of ["BODY[3]", "BODY[1.1]", "BODY[1.HEADER]", "BODY[1.TEXT]", "BODY[2.3]", "BODY[9.MIME]<0.5>"]) {
    assert.equal(await section(client, item), null, item);
  }
});

protocolTest("a message without MIME has a part 1 (RFC 9051 §6.4.5.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "text\r\n")] });
  await client.ok("EXAMINE INBOX");
  assert.equal(await section(client, "BODY[1]"), "text\r\n");
  assert.equal(await section(client, "BODY[2]"), null);
});

protocolTest("HEADER.FIELDS and .NOT (RFC 9051 §6.4.5.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 body.peek[header.fields (SUBJECT from X-None)]
    S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT from X-None)] {49}
    S: From: Alice <alice@example.org>
    S: Subject: one
    S:
    S: )
    S: b OK ...
    C: c FETCH 1 BODY[HEADER.FIELDS.NOT (From To Date Message-ID)]
    S: * 1 FETCH (BODY[HEADER.FIELDS.NOT (From To Date Message-ID)] {16}
    S: Subject: one
    S:
    S: )
    S: c OK ...
  `);
});

protocolTest("partial FETCH is cut to what is there and names its offset (RFC 9051 §6.4.5)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "0123456789")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 BODY[TEXT]<2.3>
    S: * 1 FETCH (BODY[TEXT]<2> {3}
    S: 234)
    S: b OK ...
    C: c FETCH 1 BODY[TEXT]<0.2048>
    S: * 1 FETCH (BODY[TEXT]<0> {10}
    S: 0123456789)
    S: c OK ...
    C: d FETCH 1 BODY[TEXT]<10.1>
    S: * 1 FETCH (BODY[TEXT]<10> {0}
    S: )
    S: d OK ...
    C: e FETCH 1 BODY[HEADER.FIELDS (Subject)]<9.9223372036854775807>
    S: * 1 FETCH (BODY[HEADER.FIELDS (Subject)]<9> {7}
    S: one
    S:
    S: )
    S: e OK ...
  `);
});

protocolTest("several sections in one FETCH, beside other items", async (t) => {
  const client = await t.login({ inbox: [mail("one", "text")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b UID FETCH 1 (BODY.PEEK[TEXT] FLAGS BODY.PEEK[1]<0.2> RFC822.SIZE)
    S: * 1 FETCH (UID 1 BODY[TEXT] {4}
    S: text FLAGS (\\Recent) BODY[1]<0> {2}
    S: te RFC822.SIZE ...
    S: b OK ...
  `);
});

protocolTest("a large message comes back byte for byte, whole and in parts", async (t) => {
  const body = Array.from({ length: 20_000 }, (_, i) => `line ${i} of a message that is kept in a file`).join("\r\n");
  const text = mail("large", body);
  const client = await t.login({ inbox: [text] });
  await client.ok("EXAMINE INBOX");
  assert.equal(await section(client, "BODY[]"), text);
  assert.equal(await section(client, "BODY[1]"), body);
  assert.equal(await section(client, `BODY[]<${text.length - 100_000}.70000>`), text.slice(-100_000, -30_000));
});

protocolTest("a message without body or header is read too", async (t) => {
  const client = await t.login({ inbox: ["Subject: x\r\n\r\n", "\r\nbody", "Subject: no end"] });
  await client.ok("EXAMINE INBOX");
  assert.equal(await section(client, "BODY[TEXT]", 1), "");
  assert.equal(await section(client, "BODY[HEADER]", 2), "\r\n");
  assert.equal(await section(client, "BODY[TEXT]", 2), "body");
  assert.equal(await section(client, "BODY[]", 3), "Subject: no end");
});
