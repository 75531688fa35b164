import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { repairAccount } from "../../store/sqlite/repair.ts";
import { verifyAccount } from "../../store/sqlite/verifyaccount.ts";
import { rebuildSearchIndex, verifySearchIndex } from "../../store/sqlite/search/verify.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { openSearchDatabase, SEARCH_STEPS, searchPath, segmentsOf } from "../../store/sqlite/search/schema.ts";
import { Snapshot } from "../../store/sqlite/verifyreport.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { foldCase } from "../../store/mime/fold.ts";
import { Flag } from "../../store/flags.ts";
import type { Account } from "./mailsupport.ts";
import { append, letter, mailTest } from "./mailsupport.ts";
import {
  damage,
  decided,
  found,
  keyOf,
  randomNumbers,
  randomText,
  rendered,
  scanned,
  selectInbox,
  type Where,
} from "./searchsupport.ts";

const PLACES: readonly Where[] = ["from", "subject", "x-mark", "body", "text"];

const folderOf = (t: Account) => `${t.dataDir}/accounts/${t.account}`;
const fill = (t: Account) => t.store.upkeep(t.account).fillSearchIndex();

function faultsOf(t: Account): string[] {
  const faults: string[] = [];
  using db = new Snapshot(`${folderOf(t)}/mail.db`);
  verifySearchIndex(db, folderOf(t), ({ what }) => faults.push(what));
  return faults;
}

function segments(t: Account): { first: number; last: number }[] {
  const index = openSearchDatabase(folderOf(t), false);
  if (!index) return [];
  try {
    return segmentsOf(index).map(({ first, last }) => ({ first, last }));
  } finally {
    index.close();
  }
}

/** Appends messages of random texts. @returns pieces of their texts, some of them changed in case, and texts that are nowhere */
async function appendRandom(t: Account, random: (n: number) => number, count: number): Promise<string[]> {
  const needles: string[] = [];
  const letters: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const [subject, from, mark, body] = [30, 12, 12, 200].map((length) => randomText(random, length));
    letters.push(rendered({ subject, from, mark, body }));
    const source = [...[subject, from, mark, body][random(4)]];
    const needle = source.slice(random(source.length)).slice(0, 1 + random(40)).join("");
    needles.push([needle, needle.toUpperCase(), needle.toLowerCase(), needle + "q"][random(4)]);
  }
  await append(t.mail, "INBOX", ...letters);
  return needles;
}

async function assertLikeScan(t: Account, needles: readonly string[]): Promise<void> {
  const selected = await selectInbox(t.mail);
  try {
    for (const [i, needle] of needles.entries()) {
      if (foldCase(needle).length === 0) continue;
      const where = PLACES[i % PLACES.length];
      const expected = await scanned(t.mail, where, needle);
      assert.deepEqual(await found(selected, keyOf(where, needle)), expected, `${where} ${JSON.stringify(needle)}`);
      const negated = await found(selected, { is: "not", key: keyOf(where, needle) });
      assert.equal(negated.length, selected.count - expected.length, `not ${where} ${JSON.stringify(needle)}`);
    }
  } finally {
    selected.pin.release();
  }
}

mailTest("searches find what a plain scan finds: without an index, with one that lags, full, and purged", async (t) => {
  const random = randomNumbers(1);
  const needles = await appendRandom(t, random, 150);
  await assertLikeScan(t, needles);
  await fill(t);
  assert.deepEqual(segments(t), [{ first: 1, last: 150 }]);
  await assertLikeScan(t, needles);
  needles.push(...await appendRandom(t, random, 40));
  await fill(t);
  assert.equal(segments(t).at(-1)?.last, 150, "a few are not worth a segment");
  await assertLikeScan(t, needles);
  needles.push(...await appendRandom(t, random, 100));
  await fill(t);
  await t.mail.storeFlags(t.inbox.id, [{ first: 20, last: 139 }] as never, {
    mode: "add",
    flags: { fixed: Flag.Deleted, keywords: [] },
  });
  await t.mail.expunge(t.inbox.id);
  await assertLikeScan(t, needles);
  await t.store.upkeep(t.account).purge();
  await assertLikeScan(t, needles);
  await fill(t);
  await assertLikeScan(t, needles);
  assert.deepEqual(faultsOf(t), []);
});

mailTest("what is indexed is not read", async (t) => {
  await appendRandom(t, randomNumbers(2), 100);
  await fill(t);
  const selected = await selectInbox(t.mail);
  assert.equal(await decided(selected, { in: "text", text: foldCase("nowhere") }), 100);
  assert.equal(await decided(selected, { in: "header", name: "subject", text: foldCase("x") }), 100);
  assert.equal(await decided(selected, { in: "header", name: "x-mark", text: foldCase("nowhere") }), 100);
  selected.pin.release();
});

mailTest("a word that many have is found without reading any, wherever it stands", async (t) => {
  const bodies = Array.from({ length: 100 }, (_, i) => `${i % 3 ? "budgetary" : "bud get tary"} GRÖẞE ${i}\r\n`);
  const type = "Content-Type: text/plain; charset=utf-8\r\n";
  await append(t.mail, "INBOX", ...bodies.map((body) => letter("x", type, body)));
  await fill(t);
  const selected = await selectInbox(t.mail);
  for (const needle of ["budgetary", "DGET", "bud", "össe", "y", "é"]) {
    const expected = await scanned(t.mail, "body", needle);
    assert.deepEqual(await found(selected, keyOf("body", needle)), expected, needle);
    if (needle.length > 2) assert.equal(await decided(selected, { in: "body", text: foldCase(needle) }), 100, needle);
  }
  selected.pin.release();
});

mailTest("TEXT finds what many have in From, To, Cc and Subject without reading these", async (t) => {
  const kinds = [
    "From: Ann <ann@corp.example>",
    "To: x@corp.example",
    "Cc: corp.example <a@b>",
    "Subject: CORP.EXAMPLE",
    "Subject: c",
    "X: y",
  ];
  await append(t.mail, "INBOX", ...Array.from({ length: 180 }, (_, i) => `${kinds[i % 6]}\r\n\r\nhello ${i}\r\n`));
  await fill(t);
  const selected = await selectInbox(t.mail);
  assert.deepEqual(await found(selected, keyOf("text", "corp.example")), await scanned(t.mail, "text", "corp.example"));
  assert.ok(await decided(selected, { in: "text", text: foldCase("corp.example") }) >= 180 - 16);
  for (const needle of ["m: ann", "subject", "c", "example\n", "com", ": "]) {
    assert.deepEqual(await found(selected, keyOf("text", needle)), await scanned(t.mail, "text", needle), needle);
  }
  selected.pin.release();
});

mailTest("many small segments become one", async (t) => {
  const random = randomNumbers(3);
  for (let i = 0; i < 9; i++) {
    await appendRandom(t, random, 64);
    await fill(t);
  }
  assert.deepEqual(segments(t), [{ first: 1, last: 512 }, { first: 513, last: 576 }]);
  assert.deepEqual(faultsOf(t), []);
});

mailTest("a segment that is mostly gone is made anew", async (t) => {
  await appendRandom(t, randomNumbers(4), 100);
  await fill(t);
  await t.mail.remove(t.inbox.id, [{ first: 1, last: 90 }] as never);
  const size = () => {
    const index = openSearchDatabase(folderOf(t), false);
    try {
      return Number(index?.row("SELECT total(length(documents)) FROM posting")?.[0]);
    } finally {
      index?.close();
    }
  };
  const before = size();
  await t.store.upkeep(t.account).purge();
  await fill(t);
  assert.ok(size() < before / 2);
  assert.deepEqual(faultsOf(t), []);
});

mailTest("a text too long to be kept is found by the index", async (t) => {
  const long = letter("long", "", "word ".repeat(300_000) + "needle-in-hay\r\n");
  await append(t.mail, "INBOX", long, ...Array.from({ length: 80 }, (_, i) => letter(`m${i}`)));
  await fill(t);
  const selected = await selectInbox(t.mail);
  assert.deepEqual(await found(selected, keyOf("body", "needle-IN-hay")), [1]);
  assert.equal(await decided(selected, { in: "body", text: foldCase("nowhere") }), 81);
  selected.pin.release();
  assert.deepEqual(faultsOf(t), []);
});

mailTest("searches are complete while the index is filled", async (t) => {
  const random = randomNumbers(5);
  const needles = await appendRandom(t, random, 300);
  let done = false;
  const filled = fill(t).then(() => done = true);
  do {
    await assertLikeScan(t, needles.splice(0, 5));
    await setImmediate();
  } while (!done);
  await filled;
});

mailTest("a search in a mailbox with few messages of a large account finds them", async (t) => {
  const random = randomNumbers(6);
  await appendRandom(t, random, 120);
  await t.mail.move(t.inbox.id, [{ first: 1, last: 80 }] as never, "Archive" as never);
  await fill(t);
  await assertLikeScan(t, await appendRandom(t, random, 3));
});

mailTest("SUBJECT finds the value of each field of that name, and nothing across lines", async (t) => {
  const twice = "Subject: one\r\nX-Other: two\r\nSubject: three\r\n\r\nx\r\n";
  await append(t.mail, "INBOX", twice, ...Array.from({ length: 80 }, () => letter("nil")));
  await fill(t);
  const selected = await selectInbox(t.mail);
  for (const [needle, expected] of [["one", [1]], ["three", [1]], ["two", []], [" one", [1]], ["e\ns", []]] as const) {
    assert.deepEqual(await found(selected, keyOf("subject", needle)), expected, needle);
  }
  selected.pin.release();
});

mailTest("an account keeps what its mode says", async (t) => {
  const needles = await appendRandom(t, randomNumbers(9), 100);
  const asks = async () => {
    const selected = await selectInbox(t.mail);
    const counts = [
      await decided(selected, { in: "header", name: "subject", text: foldCase("nowhere") }),
      await decided(selected, { in: "body", text: foldCase("nowhere") }),
    ];
    selected.pin.release();
    return counts;
  };
  for (const [mode, expected] of [["headers", [100, 0]], ["full", [100, 100]], ["off", [0, 0]]] as const) {
    await t.store.directory.setSearch(t.account, mode);
    await assertLikeScan(t, needles.slice(0, 20));
    await fill(t);
    assert.deepEqual(await asks(), expected, mode);
    await assertLikeScan(t, needles.slice(0, 20));
    assert.deepEqual(faultsOf(t), []);
  }
  await assert.rejects(Deno.stat(`${folderOf(t)}/search.db`), Deno.errors.NotFound);
});

mailTest("verify finds an index that says wrong things, and rebuilding mends it", async (t) => {
  await appendRandom(t, randomNumbers(10), 100);
  for (
    const [sql, fault] of [
      ["DELETE FROM posting WHERE trigram IN (SELECT trigram FROM posting LIMIT 5)", "is not what its text says"],
      ["DELETE FROM posting WHERE source = 2 AND trigram = 0", "is not what its text says"],
      ["UPDATE word SET words = CAST(replace(CAST(words AS TEXT), 'a', 'b') AS BLOB)", "is not what its text says"],
      ["DELETE FROM word", "is not what its text says"],
      ["UPDATE field SET lines = zeroblob(length(lines)) WHERE name = 'subject'", "is not what its text says"],
      ["UPDATE segment SET first = first + 3", "leaves it out"],
      ["UPDATE segment SET last = first - 1", "has a segment of emails 1 to 0"],
      ["UPDATE state SET mode = 'off'", "has segments and no mode"],
    ]
  ) {
    await fill(t);
    assert.deepEqual(faultsOf(t), [], sql);
    damage(folderOf(t), sql);
    assert.ok(faultsOf(t).some((what) => what.includes(fault)), sql);
    rebuildSearchIndex(folderOf(t));
    assert.deepEqual(segments(t), []);
  }
});

mailTest("repairing an account mends its index", async (t) => {
  await appendRandom(t, randomNumbers(12), 100);
  await fill(t);
  damage(folderOf(t), "UPDATE segment SET first = first + 3");
  const faults: string[] = [];
  verifyAccount(folderOf(t), ({ what }) => faults.push(what));
  assert.match(faults[0], /the search index leaves it out/);
  assert.equal(repairAccount(t.dataDir, t.account).damaged, false);
  assert.deepEqual(segments(t), []);
  await fill(t);
  verifyAccount(folderOf(t), ({ what }) => assert.fail(what));
});

mailTest("an index that cannot be read is no hindrance, and made anew", async (t) => {
  const needles = await appendRandom(t, randomNumbers(11), 100);
  await Deno.writeTextFile(`${folderOf(t)}/search.db`, "this is no database ".repeat(1000));
  assert.match(faultsOf(t)[0], /search.db cannot be read/);
  await assertLikeScan(t, needles.slice(0, 10));
  await fill(t);
  assert.deepEqual(segments(t), [{ first: 1, last: 100 }]);
  assert.deepEqual(faultsOf(t), []);
});

mailTest("an index of an older program is made anew", async (t) => {
  const needles = await appendRandom(t, randomNumbers(16), 100);
  const old = new AccountDatabase(searchPath(folderOf(t)), () => {}, SEARCH_STEPS.slice(0, 1));
  old.write("flags", () => {
    old.run("UPDATE state SET mode = 'full'");
    old.run("INSERT INTO segment VALUES (1, 1, 100, 100)");
  });
  old.close();
  assert.deepEqual(faultsOf(t), []);
  await assertLikeScan(t, needles.slice(0, 10));
  await fill(t);
  assert.deepEqual(faultsOf(t), []);
  await assertLikeScan(t, needles.slice(0, 10));
});

mailTest("the index of other mail is not believed: mail.db was put back from a copy", async (t) => {
  const random = randomNumbers(12);
  await appendRandom(t, random, 70);
  await t.store.close();
  await Deno.copyFile(`${folderOf(t)}/mail.db`, `${t.dataDir}/old.db`);
  let { store, mail } = await t.other();
  await appendRandom({ ...t, store, mail }, random, 70);
  await store.upkeep(t.account).fillSearchIndex();
  await store.close();
  await Deno.copyFile(`${t.dataDir}/old.db`, `${folderOf(t)}/mail.db`);
  ({ store, mail } = await t.other());
  const needles = await appendRandom({ ...t, store, mail }, randomNumbers(13), 70);
  await assertLikeScan({ ...t, store, mail }, needles);
  await store.upkeep(t.account).fillSearchIndex();
  await assertLikeScan({ ...t, store, mail }, needles);
  assert.deepEqual(faultsOf(t), []);
});

mailTest("two processes that fill one index do not disturb each other", async (t) => {
  const needles = await appendRandom(t, randomNumbers(14), 200);
  const other = await t.other();
  await Promise.all([fill(t), other.store.upkeep(t.account).fillSearchIndex()]);
  await fill(t);
  assert.deepEqual(segments(t), [{ first: 1, last: 200 }]);
  assert.deepEqual(faultsOf(t), []);
  await assertLikeScan({ ...t, mail: other.mail }, needles.slice(0, 20));
});

const FILLER = `
import { openStore } from "${new URL("../../store/sqlite/open.ts", import.meta.url)}";
const store = await openStore({ dataDir: Deno.args[0], quotaBytes: 0, quotaMessages: 0 });
Deno.stdout.writeSync(new TextEncoder().encode("ready\\n"));
await store.upkeep(Number(Deno.args[1])).fillSearchIndex();
Deno.stdout.writeSync(new TextEncoder().encode("filled\\n"));
`;

Deno.test("a process killed while it fills leaves an index that is right, and that is filled on", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "roost-" });
  const store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
  try {
    const [{ id }] = await store.directory.add([{ address: "alice@example.org", credentials: {} }]);
    const mail = store.mail(id);
    const t = { dataDir, account: id, store, mail } as unknown as Account;
    const needles: string[] = [];
    const random = randomNumbers(15);
    await Deno.writeTextFile(`${dataDir}/filler.ts`, FILLER);
    for (let round = 0; round < 5; round++) {
      needles.push(...await appendRandom(t, random, 400));
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--config", new URL("../../deno.json", import.meta.url).pathname]
          .concat(`${dataDir}/filler.ts`, dataDir, `${id}`),
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const output = child.stdout.getReader();
      await output.read();
      // Killed at some moment of the filling; which one does not matter.
      for (let turn = 0; turn < random(40); turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
      await output.cancel();
      assert.deepEqual(faultsOf(t), []);
      await assertLikeScan(t, needles.slice(-8));
    }
    await fill(t);
    assert.equal(segments(t).at(-1)?.last, 2000);
    assert.deepEqual(faultsOf(t), []);
  } finally {
    await store.close();
    await Deno.remove(dataDir, { recursive: true });
  }
});
