import assert from "node:assert/strict";
import type { Column } from "../../store/store.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { ALL_COLUMNS, packedPlan, readPlan } from "../../store/sqlite/readplan.ts";
import { finderSql } from "../../store/sqlite/textfinder.ts";
import { statements } from "../../store/sqlite/statements.ts";
import type { ModSeq, Uid, UidRange } from "../../store/types.ts";
import { append, EVERYTHING, letter, mailTest, name, NEVER, rows, uids } from "./mailsupport.ts";

mailTest("rows hold the columns in the order asked for", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  const [row] = await rows(mail, inbox, ["size", "uid", "moreKeywords", "uid", "sentDay"]);
  assert.deepEqual(row, [letter("one").length, 1, [], 1, null]);
  assert.deepEqual(await rows(mail, inbox, []), [[]]);
});

mailTest("every column can be read, alone and with others", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  const together = await rows(mail, inbox, ALL_COLUMNS);
  for (const [at, column] of ALL_COLUMNS.entries()) {
    const alone = await rows(mail, inbox, [column]);
    assert.deepEqual(alone.flat(), together.map((row) => (row as unknown[])[at]), column);
  }
});

mailTest("batches join without gap or repetition, whatever the ranges", async ({ mail, inbox }) => {
  const count = 3000;
  await append(mail, "INBOX", ...Array.from({ length: count }, (_, i) => letter(`m${i}`)));
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const odd = all.filter((uid) => uid % 2 === 1);
  const sets: [string, UidRange[], number[]][] = [
    ["all", [...EVERYTHING], all],
    ["every second", uids(...odd), odd],
    ["three ranges", [range(5, 10), range(2000, 2100), range(2990, 9000)], [
      ...all.slice(4, 10),
      ...all.slice(1999, 2100),
      ...all.slice(2989),
    ]],
    ["nothing", [], []],
    ["none there", [range(5000, 6000), range(7000, 7000)], []],
  ];
  for (const [title, ranges, expected] of sets) {
    for (const columns of [["uid"], ["uid", "envelope"], ["uid", "inlineContent"]] as Column[][]) {
      const found = (await rows(mail, inbox, columns, ranges)).map((row) => (row as unknown[])[0]);
      assert.deepEqual(found, expected, `${title} ${columns}`);
    }
  }
});

function range(first: number, last: number): UidRange {
  return { first: first as Uid, last: last as Uid };
}

mailTest("a message expunged between two batches is read none the less", async ({ mail, inbox }) => {
  await append(mail, "INBOX", ...Array.from({ length: 300 }, (_, i) => letter(`m${i}`)));
  const told = await mail.modseq();
  const pin = mail.pin(inbox.id, told);
  for (const columns of [["uid"], ["uid", "header"]] as const) {
    const found: number[] = [];
    for await (const batch of mail.read(inbox.id, EVERYTHING, columns, told)) {
      found.push(...batch.map(([uid]) => uid));
      const last = found[found.length - 1];
      if (last < 300) await mail.move(inbox.id, uids(last, last + 1, last + 2), name("Trash"));
      await append(mail, "INBOX", letter("late"));
    }
    assert.deepEqual(found.filter((uid) => uid <= 300), Array.from({ length: 300 }, (_, i) => i + 1));
  }
  pin.release();
});

mailTest("batches of large values are bounded in bytes", async ({ mail, inbox }) => {
  const body = "x".repeat(100_000);
  await append(mail, "INBOX", ...Array.from({ length: 40 }, (_, i) => letter(`m${i}`, "", body)));
  const sizes: number[] = [];
  for await (const batch of mail.read(inbox.id, EVERYTHING, ["inlineContent"], NEVER)) sizes.push(batch.length);
  assert.equal(sizes.reduce((a, b) => a + b), 40);
  assert.ok(Math.max(...sizes) <= 11, `${sizes}`);
});

mailTest("of strange messages with huge envelopes a batch holds a megabyte or little more", async ({ mail, inbox }) => {
  const to = (n: number) => `To: ${Array.from({ length: n }, (_, i) => `user${i}@example.org`).join(",\r\n ")}\r\n`;
  const letters = Array.from({ length: 12 }, (_, i) => letter(`m${i}`, i % 4 === 1 || i === 6 ? to(8000) : ""));
  await append(mail, "INBOX", ...letters);
  const sizes: number[] = [];
  const found: number[] = [];
  for await (const batch of mail.read(inbox.id, EVERYTHING, ["uid", "envelope"], NEVER)) {
    sizes.push(batch.reduce((sum, [, envelope]) => sum + envelope.length, 0));
    for (const [uid, envelope] of batch) {
      found.push(uid);
      assert.equal(envelope.length > 50_000, (uid - 1) % 4 === 1 || uid === 7, `${uid}`);
    }
  }
  assert.deepEqual(found, Array.from({ length: 12 }, (_, i) => i + 1));
  assert.ok(sizes.length > 1 && sizes.every((size) => size < 1_600_000), `${sizes}`);
});

mailTest("a large row that was expunged is found too", async ({ mail, inbox }) => {
  const to = `To: ${Array.from({ length: 2000 }, (_, i) => `user${i}@example.org`).join(",\r\n ")}\r\n`;
  await append(mail, "INBOX", letter("one"), letter("two", to), letter("three"));
  const told = await mail.modseq();
  const pin = mail.pin(inbox.id, told);
  await mail.move(inbox.id, uids(2), name("Trash"));
  assert.deepEqual((await rows(mail, inbox, ["uid", "envelope"], EVERYTHING, told)).map(([uid]) => uid), [1, 2, 3]);
  pin.release();
});

mailTest("a mailbox that is not there has no rows", async ({ mail, inbox }) => {
  const gone = { ...inbox, id: 99 as typeof inbox.id };
  assert.deepEqual(await rows(mail, gone, ["uid"], EVERYTHING, 0 as ModSeq), []);
});

/** Statements that look at all there is, on purpose. */
const WHOLE_TABLES = ["mailbox", "subscription", "account", "r", "u"];

mailTest("every statement is served by an index", async ({ mail, dataDir, account, store }) => {
  await mail.modseq();
  await store.close();
  const plans = [...ALL_COLUMNS.map((column) => [column]), ALL_COLUMNS].map(readPlan);
  const texts = new Set(statements());
  for (const { live, expunged, whole } of plans) {
    for (const text of [live.range, live.ranges, expunged.range, expunged.ranges, whole.live, whole.expunged]) {
      texts.add(text);
    }
  }
  for (const columns of [["uid"], ["uid", "threadId", "envelope", "header"]] as const) {
    for (const text of Object.values(packedPlan(columns))) texts.add(text);
  }
  for (const headersToo of [[false], [true, false]]) texts.add(finderSql(headersToo));
  const db = new AccountDatabase(`${dataDir}/accounts/${account}/mail.db`, () => {});
  let looked = 0;
  try {
    for (const text of texts) {
      if (!/^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(text)) continue;
      const parameters = Math.max(0, ...[...text.matchAll(/\?(\d*)/g)].map(([, n], i) => n ? Number(n) : i + 1));
      let lines: string[];
      try {
        lines = db.rows<[number, number, number, string]>(`EXPLAIN QUERY PLAN ${text}`, ...Array(parameters).fill(0))
          .map(([, , , detail]) => detail);
      } catch (error) {
        // Statements of the directory's database.
        if (String(error).includes("no such")) continue;
        throw error;
      }
      looked++;
      for (const line of lines) {
        const table = /^SCAN (\S+)/.exec(line)?.[1];
        const allowed = !table || WHOLE_TABLES.includes(table) ||
          /USING (COVERING )?INDEX expunged_kept/.test(line) ||
          line.includes("SUBQUERY") || line.includes("(subquery") || line === "SCAN CONSTANT ROW";
        assert.ok(allowed, `${line}\n${text}`);
        if (/ORDER BY/.test(line)) assert.fail(`sorts: ${text}`);
      }
    }
  } finally {
    db.close();
  }
  assert.ok(looked > 100, `${looked}`);
});
