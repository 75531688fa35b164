import assert from "node:assert/strict";
import { ContentDraft, FileSource, INLINE_LIMIT } from "../../store/sqlite/content.ts";
import { isBusy, storeFault } from "../../store/sqlite/errors.ts";
import { StoreError } from "../../store/types.ts";
import { filesIn } from "./mailsupport.ts";

function folderTest(title: string, body: (folder: string) => Promise<void>): void {
  Deno.test(title, async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-" });
    try {
      await body(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const noHold = () => () => {};

folderTest("a draft stays in memory up to the inline limit", async (folder) => {
  const draft = new ContentDraft(`${folder}/content`, 0, noHold);
  for (let i = 0; i < 128; i++) await draft.write(new Uint8Array(1024).fill(i));
  assert.equal(draft.size, INLINE_LIMIT);
  assert.deepEqual(filesIn(`${folder}/content`), []);
  assert.equal(draft.bytes?.[127 * 1024], 127);
  await draft.write(new Uint8Array(1));
  assert.equal(draft.bytes, undefined);
  assert.equal(filesIn(`${folder}/content`).length, 1);
  await draft.discard();
  assert.deepEqual(filesIn(`${folder}/content`), []);
});

folderTest("a hint that is wrong does no harm", async (folder) => {
  for (const hint of [0, 3, 100, 500_000]) {
    const draft = new ContentDraft(folder, hint, noHold);
    await draft.write(new Uint8Array(50).fill(1));
    await draft.write(new Uint8Array(80).fill(2));
    const source = draft.source();
    assert.equal(source.size, 130);
    assert.deepEqual([...source.read(48, 53)], [1, 1, 2, 2, 2]);
    await draft.discard();
  }
});

folderTest("a draft's file holds the account's files until it is taken or discarded", async (folder) => {
  let holds = 0;
  const hold = () => {
    holds++;
    return () => void holds--;
  };
  const discarded = new ContentDraft(folder, 1_000_000, hold);
  assert.equal(holds, 0);
  await discarded.write(new Uint8Array(10));
  assert.equal(holds, 1);
  await discarded.discard();
  assert.equal(holds, 0);
  const taken = new ContentDraft(folder, 1_000_000, hold);
  await taken.write(new Uint8Array(10));
  const file = await taken.keep();
  taken.taken();
  await taken.discard();
  assert.equal(holds, 0);
  assert.deepEqual(filesIn(folder), [file]);
});

folderTest("reads of a file source may go anywhere and beyond the end", async (folder) => {
  const path = `${folder}/file`;
  await Deno.writeFile(path, Uint8Array.from({ length: 200 }, (_, i) => i));
  let closed = 0;
  {
    using source = FileSource.open(path, () => closed++);
    assert.deepEqual([...source.read(10, 12)], [10, 11]);
    assert.deepEqual([...source.read(12, 14)], [12, 13]);
    assert.deepEqual([...source.read(0, 2)], [0, 1]);
    assert.deepEqual([...source.read(198, 500)], [198, 199]);
    assert.deepEqual([...source.read(300, 500)], []);
  }
  assert.equal(closed, 1);
});

Deno.test("faults of SQLite and the file system get the store's words", () => {
  const sqlite = (errcode: number) => Object.assign(new Error("sqlite"), { errcode });
  const fault = (error: unknown) => (storeFault(error) as StoreError).fault;
  assert.equal(fault(sqlite(13)), "diskfull");
  assert.equal(fault(Object.assign(new Error("os"), { code: "ENOSPC" })), "diskfull");
  assert.equal(fault(sqlite(5)), "inuse");
  assert.equal(fault(sqlite(517)), "inuse");
  assert.ok(isBusy(sqlite(261)));
  const known = new StoreError("limit", "enough");
  assert.equal(storeFault(known), known);
  const bug = new TypeError("bug");
  assert.equal(storeFault(bug), bug);
});

folderTest("a draft for a removed account is refused", async (folder) => {
  const draft = new ContentDraft(`${folder}/gone/content`, 1_000_000, noHold);
  await assert.rejects(draft.write(new Uint8Array(10)), { fault: "nonexistent" });
  await draft.discard();
  assert.deepEqual(filesIn(folder), []);
});

folderTest("a file is held until it is gone", async (folder) => {
  let held = 0;
  const draft = new ContentDraft(folder, INLINE_LIMIT + 1, () => (held++, () => held--));
  await draft.write(new Uint8Array(10));
  assert.equal(held, 1);
  const gone = draft.discard();
  assert.equal(held, 1);
  await gone;
  assert.equal(held, 0);
  assert.deepEqual(filesIn(folder), []);
});
