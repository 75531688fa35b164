import assert from "node:assert/strict";
import { LogFlush } from "../../store/sqlite/logflush.ts";

/** A flush of a file that is there, or not. */
async function flushTest(
  run: (log: LogFlush, counts: { instead: number }, path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-" });
  const counts = { instead: 0 };
  const path = `${folder}/mail.db-wal`;
  const log = new LogFlush(path, async () => void counts.instead++);
  try {
    await run(log, counts, path);
  } finally {
    log.closed();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("what nobody committed is safe", () =>
  flushTest(async (log) => {
    assert.equal(log.safe(), undefined);
    assert.equal(log.waiting, false);
  }));

Deno.test("what was read waits for a flush, unless the log is empty", () =>
  flushTest(async (log, _, path) => {
    await Deno.writeTextFile(path, "");
    log.read();
    assert.equal(log.safe(), undefined);
    await Deno.writeTextFile(path, "x");
    log.read();
    assert.ok(log.safe());
    await log.safe();
    assert.equal(log.safe(), undefined);
  }));

Deno.test("one flush makes all commits before it safe, and none after it", () =>
  flushTest(async (log, _, path) => {
    await Deno.writeTextFile(path, "x");
    log.committed();
    log.committed();
    const first = log.safe();
    log.committed(); // the flush is under way
    await first;
    assert.ok(log.waiting);
    const second = log.safe();
    assert.ok(second);
    await second;
    assert.equal(log.safe(), undefined);
  }));

Deno.test("without a log all is in the database already", () =>
  flushTest(async (log, counts) => {
    log.committed();
    await log.safe();
    assert.equal(log.waiting, false);
    assert.equal(counts.instead, 0);
  }));

Deno.test("where the flush fails, all is made safe in another way", () =>
  flushTest(async (log, counts, path) => {
    await Deno.symlink("/dev/null", path); // cannot be flushed
    log.committed();
    await log.safe();
    assert.equal(counts.instead, 1);
    assert.equal(log.waiting, false);
  }));

Deno.test("what could not be made safe at all is not, and is tried again", async () => {
  let broken = true;
  const log = new LogFlush("/dev/null", async () => {
    if (broken) throw new Error("the disk is gone");
  });
  log.committed();
  await assert.rejects(async () => await log.safe(), /the disk is gone/);
  assert.ok(log.waiting);
  broken = false;
  await log.safe();
  assert.equal(log.waiting, false);
  log.closed();
});

Deno.test("closing makes safe what may take its time", () =>
  flushTest(async (log, _, path) => {
    await Deno.writeTextFile(path, "x");
    log.soon();
    assert.ok(log.waiting);
    await log.close();
    assert.equal(log.waiting, false);
  }));
