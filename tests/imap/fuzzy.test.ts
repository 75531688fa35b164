import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const inbox = [
  mail("IMAP break"),
  mail("is broken IMAP, will break"),
  mail("hello there"),
  mail("other", "say helo to them\r\n"),
  mail("nothing of that"),
  mail("hlelo"),
  mail("Café del Mar"),
];

protocolTest("FUZZY finds words in any order and forgives a typing error (SEARCH=FUZZY, RFC 6203 §3)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH FUZZY (SUBJECT "IMAP break")
    S: * SEARCH 1 2
    S: a OK ...
    C: b SEARCH FUZZY TEXT "Helo"
    S: * SEARCH 3 4 6
    S: b OK ...
    C: c SEARCH FUZZY BODY "Hello"
    S: * SEARCH 3 4 6
    S: c OK ...
    C: d SEARCH TEXT "Helo"
    S: * SEARCH 4
    S: d OK ...
    C: e SEARCH FUZZY SUBJECT "mar cafe"
    S: * SEARCH 7
    S: e OK ...
    C: f SEARCH NOT FUZZY TEXT helo SUBJECT IMAP
    S: * SEARCH 1 2
    S: f OK ...
    C: g SEARCH FUZZY SUBJECT "-!-"
    S: * SEARCH
    S: g OK ...
    C: h SEARCH FUZZY (1:3 SUBJECT hello)
    S: * SEARCH 3
    S: h OK ...
    C: i SEARCH FUZZY
    S: i BAD ...
  `.replace("* SEARCH 3 4 6\n    S: c", "* SEARCH 3 4 6\n    S: c"));
});

protocolTest("RELEVANCY: 1 to 100 for each, the best first in a SORT (RFC 6203 §4, §6)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  const [answer] = await client.ok("SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT hello");
  const [, all, scores] = /ALL (\S+) RELEVANCY \((.*)\)$/.exec(answer) ?? [];
  assert.equal(all, "3:4,6");
  const values = scores.split(" ").map(Number);
  assert.equal(values.length, 3);
  assert(values.every((score) => score >= 1 && score <= 100), scores);
  assert(values[0] > values[2] && values[2] > values[1], scores);
  await client.exchange(`
    C: a SORT (RELEVANCY) UTF-8 FUZZY TEXT hello
    S: * SORT 3 6 4
    S: a OK ...
    C: b SORT RETURN (RELEVANCY ALL) (REVERSE RELEVANCY) UTF-8 FUZZY TEXT hello
    S: * ESEARCH (TAG "b") ALL 4,6,3 RELEVANCY (${values[1]} ${values[2]} ${values[0]})
    S: b OK ...
    C: c SORT RETURN (PARTIAL 1:2 RELEVANCY) (RELEVANCY) UTF-8 FUZZY TEXT hello
    S: * ESEARCH (TAG "c") PARTIAL (1:2 3,6) RELEVANCY (${values[0]} ${values[2]})
    S: c OK ...
    C: d SEARCH RETURN (RELEVANCY ALL) TEXT hello
    S: d BAD ...
    C: e SEARCH RETURN (RELEVANCY ALL) FUZZY FLAGGED
    S: * ESEARCH (TAG "e") RELEVANCY ()
    S: e OK ...
    C: f UID SEARCH RETURN (RELEVANCY COUNT) FUZZY OR FROM alice UNSEEN
    S: * ESEARCH (TAG "f") UID RELEVANCY (95 95 95 95 95 95 95) COUNT 7
    S: f OK ...
  `);
});

protocolTest("FUZZY looks into text that is too long to be kept (RFC 6203 §3)", async (t) => {
  const long = mail("long", `${"filler words here\r\n".repeat(70_000)}a helo at the end\r\n`);
  const client = await t.login({ inbox: [long, mail("short")] });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH RETURN (RELEVANCY ALL) FUZZY BODY hello
    S: * ESEARCH (TAG "a") ALL 1 RELEVANCY (...)
    S: a OK ...
  `);
});
