import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("COMPARATOR tells and changes what is compared by (I18NLEVEL=2, RFC 5255 §4.7)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a COMPARATOR
    S: * COMPARATOR i;unicode-casemap
    S: a OK ...
    C: b COMPARATOR "cz;*" i;octet
    S: * COMPARATOR i;octet
    S: b OK ...
    C: c COMPARATOR "i;*-casemap"
    S: * COMPARATOR i;unicode-casemap (i;unicode-casemap i;ascii-casemap)
    S: c OK ...
    C: d COMPARATOR i;basic
    S: d NO [BADCOMPARATOR] ...
    C: e COMPARATOR
    S: * COMPARATOR i;unicode-casemap
    S: e OK ...
    C: f COMPARATOR I;ASCII-Casemap
    S: * COMPARATOR i;ascii-casemap
    S: f OK ...
    C: g COMPARATOR default
    S: * COMPARATOR i;unicode-casemap
    S: g OK ...
    C: h COMPARATOR "-i;octet"
    S: h NO [BADCOMPARATOR] ...
    C: i COMPARATOR (x)
    S: i BAD ...
  `);
  const before = await t.connect();
  await before.exchange(`
    C: a COMPARATOR
    S: a BAD ...
  `);
});

protocolTest("SEARCH goes by the comparator, in headers and text (RFC 5255 §4.2)", async (t) => {
  const encoded = (text: string) => `=?utf-8?b?${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}?=`;
  const client = await t.login({
    inbox: [
      mail("Word", "plain Text\r\n"),
      mail("word", "plain text\r\n"),
      mail(encoded("WÖRD"), "x\r\n"),
      mail(encoded("wörd"), "x\r\n"),
      mail("long", `${"filler words here\r\n".repeat(70_000)}Plain Text\r\n`),
    ],
  });
  await client.ok("SELECT INBOX");
  const found = async (key: string) =>
    (await client.ok(`SEARCH CHARSET UTF-8 ${key}`))[0].replace("* SEARCH", "").trim();
  assert.equal(await found("SUBJECT word"), "1 2");
  assert.equal(await found('SUBJECT "wörd"'), "3 4");
  // Decomposed, an Ö is an O with a mark behind it (RFC 5051 §2).
  assert.equal(await found("SUBJECT wo"), "1 2 3 4");
  assert.equal(await found('TEXT "ｐｌａｉｎ"'), "1 2 5");
  await client.ok("COMPARATOR i;octet");
  assert.equal(await found("SUBJECT word"), "2");
  assert.equal(await found("NOT SUBJECT word"), "1 3 4 5");
  assert.equal(await found("HEADER subject Word"), "1");
  assert.equal(await found('HEADER Subject ""'), "1 2 3 4 5");
  assert.equal(await found("BODY Text"), "1 5");
  assert.equal(await found('TEXT "n Text"'), "1 5");
  assert.equal(await found('OR SUBJECT "wörd" BODY Plain'), "4 5");
  assert.equal(await found("FUZZY SUBJECT WORD"), "1 2");
  assert.match((await client.ok("SEARCH RETURN (MAX) SUBJECT Word"))[0], /MAX 1$/);
  await client.ok("COMPARATOR i;ascii-casemap");
  assert.equal(await found("SUBJECT WORD"), "1 2");
  assert.equal(await found('SUBJECT "WöRD"'), "4");
  assert.equal(await found("BODY TEXT"), "1 2 5");
});

protocolTest("SORT and THREAD go by the comparator (RFC 5255 §4.2)", async (t) => {
  const client = await t.login({ inbox: [mail("b"), mail("A"), mail("B"), mail("a"), mail("Re: b")] });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SORT (SUBJECT) UTF-8 ALL
    S: * SORT 2 4 1 3 5
    S: a OK ...
    C: b COMPARATOR i;octet
    S: b OK ...
    C: c SORT (SUBJECT) UTF-8 ALL
    S: * SORT 2 3 4 1 5
    S: c OK ...
    C: d THREAD ORDEREDSUBJECT UTF-8 ALL
    S: * THREAD (1 5)(2)(3)(4)
    S: d OK ...
    C: e THREAD REFERENCES UTF-8 ALL
    S: * THREAD (1 5)(2)(3)(4)
    S: e OK ...
    C: f COMPARATOR default
    S: f OK ...
    C: g THREAD ORDEREDSUBJECT UTF-8 ALL
    S: * THREAD (1 (3)(5))(2 4)
    S: g OK ...
  `);
});
