import assert from "node:assert/strict";
import { flagListBytes, flagNames } from "../../server/imap/flags.ts";
import { residentItems, writeLines } from "../../server/imap/fetch/lines.ts";
import { Selected } from "../../server/imap/selected.ts";
import { Session } from "../../server/imap/session.ts";
import { Encoder } from "../../server/imap/wire/encoder.ts";
import { Flag, INLINE_KEYWORDS, type MailboxIndex, type MailStore, positionOf } from "../../store/mod.ts";

function indexOf(uids: number[], words: number[], modseqs: number[], keywords: string[] = [], more: number[] = []) {
  const list = { uids: Uint32Array.from(uids), count: uids.length };
  return {
    list,
    flagWords: Uint32Array.from(words),
    modseqs: Float64Array.from(modseqs),
    keywords,
    modseq: 1,
    moreKeywords: () => more,
    position: (uid: number) => positionOf(list, uid),
  } as unknown as MailboxIndex;
}

function selectedOf(index: MailboxIndex): Selected {
  const mail = { pin: () => ({ modseq: 0, release() {} }) } as unknown as MailStore;
  return new Selected(mail, { id: 1 } as never, false, index);
}

async function lines(selected: Selected, items: Parameters<typeof writeLines>[3], session = new Session()) {
  const out = new Encoder();
  const context = { out, flushed: () => Promise.resolve(), progress: () => Promise.resolve(), session };
  const left = await writeLines(context, selected, [{ from: 0, to: selected.count }], items);
  return { text: new TextDecoder().decode(out.take()), left };
}

Deno.test("flag lists name fixed flags, then keywords, then \\Recent", () => {
  const keywords = ["one", "two"];
  const word = Flag.Seen | Flag.Forwarded | (1 << 11);
  assert.deepEqual(flagNames({ keywords }, word), ["\\Seen", "$Forwarded", "two"]);
  const decode = (recent: boolean) => new TextDecoder().decode(flagListBytes({ keywords }, word, [], recent));
  assert.equal(decode(false), "(\\Seen $Forwarded two)");
  assert.equal(decode(true), "(\\Seen $Forwarded two \\Recent)");
  assert.equal(decode(true), "(\\Seen $Forwarded two \\Recent)");
});

Deno.test("flag lists: the highest inline keyword and those beyond", () => {
  const keywords = Array.from({ length: INLINE_KEYWORDS + 2 }, (_, i) => `k${i}`);
  const word = (1 << 30) >>> 0;
  assert.deepEqual(flagNames({ keywords }, word, [INLINE_KEYWORDS + 1]), ["k20", "k22"]);
});

Deno.test("flag lists: a keyword that the index does not know yet is left out", () => {
  const keywords: string[] = ["a"];
  assert.equal(new TextDecoder().decode(flagListBytes({ keywords }, 3 << 10, [], false)), "(a)");
  keywords.push("b");
  assert.equal(new TextDecoder().decode(flagListBytes({ keywords }, 3 << 10, [], false)), "(a b)");
});

Deno.test("FETCH of UID, FLAGS and MODSEQ needs no database, anything else does", () => {
  const plain = (name: "UID" | "FLAGS" | "MODSEQ" | "ENVELOPE") => ({ kind: "plain", name }) as const;
  assert.deepEqual(residentItems([plain("UID"), plain("MODSEQ")]), ["UID", "MODSEQ"]);
  assert.equal(residentItems([plain("UID"), plain("ENVELOPE")]), undefined);
});

Deno.test("FETCH lines from the index, in the order asked", async () => {
  const selected = selectedOf(indexOf([7, 4294967295], [0, Flag.Seen | Flag.Deleted], [9, 9007199254740991]));
  assert.equal(
    (await lines(selected, ["UID", "FLAGS", "MODSEQ"])).text,
    "* 1 FETCH (UID 7 FLAGS () MODSEQ (9))\r\n" +
      "* 2 FETCH (UID 4294967295 FLAGS (\\Seen \\Deleted) MODSEQ (9007199254740991))\r\n",
  );
  assert.equal((await lines(selected, ["MODSEQ", "UID"])).text.split("\r\n")[0], "* 1 FETCH (MODSEQ (9) UID 7)");
});

Deno.test("FETCH lines: every number of digits is written right", async () => {
  const numbers = [1, 9, 10, 99, 100, 12345, 999999999, 1000000000, 4294967295];
  const modseqs = [1, 10, 4294967296, 1e10, 1e12 + 1, 1000000000000000, 9007199254740990, 5, 999999999999];
  const selected = selectedOf(indexOf(numbers, numbers.map(() => 0), modseqs));
  const { text } = await lines(selected, ["UID", "MODSEQ"]);
  assert.equal(text, numbers.map((uid, i) => `* ${i + 1} FETCH (UID ${uid} MODSEQ (${modseqs[i]}))\r\n`).join(""));
});

Deno.test("FETCH lines show \\Recent, but not to IMAP4rev2 clients (RFC 9051 appendix E)", async () => {
  const selected = selectedOf(indexOf([1, 2], [1, 1], [1, 1]));
  selected.recentFrom = 2;
  const one = await lines(selected, ["FLAGS"]);
  assert.equal(one.text, "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (\\Seen \\Recent))\r\n");
  const session = new Session();
  session.enable("IMAP4rev2");
  assert(!(await lines(selected, ["FLAGS"], session)).text.includes("Recent"));
});

Deno.test("FETCH lines leave out what the index has no more and say so", async () => {
  const selected = selectedOf(indexOf([1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]));
  selected.index = indexOf([1, 4], [0, 0], [1, 1]);
  const { text, left } = await lines(selected, ["UID"]);
  assert.equal(text, "* 1 FETCH (UID 1)\r\n* 4 FETCH (UID 4)\r\n");
  assert.deepEqual(left, [{ from: 1, to: 3 }, { from: 4, to: 5 }]);
});

Deno.test("FETCH lines: flag lists longer than the buffer's rest", async () => {
  const keywords = Array.from({ length: 21 }, (_, i) => `${"k".repeat(250)}${i}`);
  const count = 3000;
  const uids = Array.from({ length: count }, (_, i) => i + 1);
  const selected = selectedOf(indexOf(uids, uids.map((uid) => (uid % 2 ? 0x7ffffc00 : 0)), uids, keywords));
  const { text } = await lines(selected, ["FLAGS"]);
  assert.equal(text.split("\r\n").length, count + 1);
  assert(text.startsWith(`* 1 FETCH (FLAGS (${keywords.join(" ")}))\r\n* 2 FETCH (FLAGS ())\r\n`));
});
