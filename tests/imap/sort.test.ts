import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

interface Fields {
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject?: string;
  readonly date?: string;
  readonly body?: string;
}

/** A mail with these header fields and no others. */
function letter({ body = "x", ...fields }: Fields): string {
  return Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("") + `\r\n${body}\r\n`;
}

const LETTERS = [
  {
    text: letter({ from: "Zoe <b@x.org>", to: "c@x.org", subject: "Re: beta", date: "1 Jan 2001 00:00:00 +0000" }),
    date: 300,
  },
  {
    text: letter({ from: "Ann <c@x.org>", to: "b@x.org", subject: "alpha", date: "31 Dec 2000 16:01:33 -0800" }),
    date: 100,
  },
  { text: letter({ from: "a@x.org", cc: "d@x.org", subject: "Gamma", body: "long ".repeat(50) }), date: 200 },
  {
    text: letter({ subject: "[list] Alpha", to: '"=?utf-8?q?=C3=84nne?=" <a@x.org>', date: "2 Jan 2001 00:00" }),
    date: 400,
  },
];

protocolTest("SORT by each criterion (SORT, RFC 5256 §3)", async (t) => {
  const client = await t.login({ inbox: LETTERS });
  await client.ok("SELECT INBOX");
  const expected: Record<string, string> = {
    "ARRIVAL": "2 3 1 4",
    // Without a Date field it is the internal date, here in 1970; the zone counts (RFC 5256 §2.2).
    "DATE": "3 1 2 4",
    "REVERSE DATE": "4 2 1 3",
    "SIZE": "2 1 4 3",
    "SUBJECT": "2 4 1 3",
    "REVERSE SUBJECT": "3 1 2 4",
    "SUBJECT REVERSE ARRIVAL": "4 2 1 3",
    "FROM": "4 3 1 2",
    "TO": "3 4 2 1",
    "CC": "1 2 4 3",
    "SUBJECT SUBJECT REVERSE SUBJECT": "2 4 1 3",
  };
  const sizes = LETTERS.map(({ text }) => text.length);
  expected["SIZE"] = [0, 1, 2, 3].sort((a, b) => sizes[a] - sizes[b] || a - b).map((n) => n + 1).join(" ");
  for (const [criteria, order] of Object.entries(expected)) {
    assert.deepEqual(await client.ok(`SORT (${criteria}) UTF-8 ALL`), [`* SORT ${order}`], criteria);
  }
});

protocolTest("SORT=DISPLAY: names before addresses (SORT=DISPLAY, RFC 5957 §3)", async (t) => {
  const client = await t.login({ inbox: LETTERS });
  await client.ok("SELECT INBOX");
  // Ann, Zoe, a@x.org, none: in i;unicode-casemap "" < A@X.ORG < ANN < ZOE.
  assert.deepEqual(await client.ok("SORT (DISPLAYFROM) UTF-8 ALL"), ["* SORT 4 3 2 1"]);
  // "" < ÄNNE, which is A with a mark, < B@X.ORG < C@X.ORG
  assert.deepEqual(await client.ok("UID SORT (REVERSE DISPLAYTO) UTF-8 ALL"), ["* SORT 1 2 4 3"]);
});

protocolTest("texts are ordered by i;unicode-casemap (RFC 5256 §7, RFC 5051)", async (t) => {
  const subjects = ["z", "_", "é", "E", "f", "ａ", "𝔞b", "\u{1f600}", "\ufffd"];
  const client = await t.login({
    inbox: subjects.map((subject) =>
      letter({ subject: `=?utf-8?b?${btoa(String.fromCharCode(...new TextEncoder().encode(subject)))}?=` })
    ),
  });
  await client.ok("SELECT INBOX");
  const [line] = await client.ok("SORT (SUBJECT) UTF-8 ALL");
  const order = line.split(" ").slice(2).map((number) => subjects[Number(number) - 1]);
  // A full-width a is an A; a mathematical one, which has no capital, an a, so behind the underscore. é comes behind e.
  assert.deepEqual(order, ["ａ", "E", "é", "f", "z", "_", "𝔞b", "\ufffd", "\u{1f600}"]);
});

protocolTest("SORT of what a search finds; nothing found is an empty answer (RFC 5256 §3)", async (t) => {
  const client = await t.login({ inbox: LETTERS });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a STORE 1 +FLAGS.SILENT (\\Deleted)
    S: a OK ...
    C: b EXPUNGE
    S: b OK ...
    C: c SORT (SUBJECT) US-ASCII SUBJECT alpha
    S: * SORT 1 3
    S: c OK SORT done
    C: d UID SORT (SUBJECT) US-ASCII SUBJECT alpha
    S: * SORT 2 4
    S: d OK UID SORT done
    C: e SORT (SUBJECT) US-ASCII TEXT "not in mailbox"
    S: * SORT
    S: e OK ...
  `);
});

protocolTest("ESORT: MIN, MAX, COUNT, ALL, PARTIAL in sorted order (ESORT, RFC 5267 §3)", async (t) => {
  const client = await t.login({ inbox: ["d", "c", "b", "a", "e", "f"].map((subject) => letter({ subject })) });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SORT RETURN () (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "a") ALL 4,3,2,1,5:6
    S: a OK ...
    C: b UID SORT RETURN (MIN MAX COUNT) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "b") UID MIN 4 MAX 6 COUNT 6
    S: b OK ...
    C: c SORT RETURN (PARTIAL 2:4) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "c") PARTIAL (2:4 3,2,1)
    S: c OK ...
    C: d SORT RETURN (PARTIAL -1:-2 COUNT) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "d") PARTIAL (-1:-2 5:6) COUNT 6
    S: d OK ...
    C: e SORT RETURN (MIN) (SUBJECT) UTF-8 SUBJECT nothing
    S: * ESEARCH (TAG "e")
    S: e OK ...
    C: f SORT RETURN (SAVE PARTIAL 1:2) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "f") PARTIAL (1:2 4,3)
    S: f OK ...
    C: g SEARCH $
    S: * SEARCH 3 4
    S: g OK ...
  `);
});

protocolTest("SORT tells the highest modseq where MODSEQ is searched for (RFC 7162 §3.1.6)", async (t) => {
  const client = await t.login({ inbox: [mail("b"), mail("a")] });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SORT (SUBJECT) UTF-8 MODSEQ 1
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * SORT 2 1 (MODSEQ ...)
    S: a OK ...
    C: b SORT (SUBJECT) UTF-8 MODSEQ 100000
    S: * SORT
    S: b OK ...
  `);
});

protocolTest("SORT in wrong grammar, state and charset (RFC 5256 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await client.exchange(`
    C: a SORT (SUBJECT) UTF-8 ALL
    S: a BAD ...
    C: o SELECT INBOX
    S: o OK ...
    C: b SORT () UTF-8 ALL
    S: b BAD ...
    C: c SORT (NOSUCH) UTF-8 ALL
    S: c BAD ...
    C: d SORT (REVERSE) UTF-8 ALL
    S: d BAD ...
    C: e SORT (SUBJECT) UTF-8
    S: e BAD ...
    C: f SORT (SUBJECT) ALL
    S: f BAD ...
    C: g SORT (SUBJECT) X-NONE ALL
    S: g NO [BADCHARSET (...)] ...
    C: h SORT RETURN (ALL PARTIAL 1:2) (SUBJECT) UTF-8 ALL
    S: h BAD ...
    C: i SORT RETURN (WHAT) (SUBJECT) UTF-8 ALL
    S: i BAD ...
    C: j SORT (RELEVANCY) UTF-8 ALL
    S: j BAD ...
    C: k SORT (REVERSE REVERSE SUBJECT) UTF-8 ALL
    S: k BAD ...
    C: l SORT (SUBJECT) UTF-8 7
    S: l BAD ...
  `);
});

protocolTest("SORT with UIDONLY is UID SORT (RFC 9586)", async (t) => {
  const client = await t.login({ inbox: [mail("b"), mail("a")] });
  await client.exchange(`
    C: o ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S: o OK ...
    C: p SELECT INBOX
    S: p OK ...
    C: a SORT (SUBJECT) UTF-8 ALL
    S: a BAD [UIDREQUIRED] ...
    C: b UID SORT (SUBJECT) UTF-8 1:2
    S: b BAD [UIDREQUIRED] ...
    C: c UID SORT (SUBJECT) UTF-8 UID 1:2
    S: * SORT 2 1
    S: c OK ...
    C: d UID THREAD REFS UTF-8 1
    S: d BAD [UIDREQUIRED] ...
    C: e UID SEARCH 1
    S: e BAD [UIDREQUIRED] ...
  `);
});
