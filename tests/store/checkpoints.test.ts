import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Checkpoints } from "../../store/sqlite/checkpoints.ts";
import { append, letter, mailTest } from "./mailsupport.ts";

Deno.test("a log is copied into its database while that is in use", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-" });
  const path = `${folder}/a file's name #1?.db`;
  const db = new DatabaseSync(path);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(100000))",
  );
  const before = Deno.statSync(path).size;
  const checkpoints = new Checkpoints();
  await Promise.all([checkpoints.run(path), checkpoints.run(path)]);
  assert.ok(Deno.statSync(path).size >= before + 100_000);
  await checkpoints.close();
  db.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a database that is gone is not made again", async () => {
  const folder = await Deno.makeTempDir({ prefix: "roost-" });
  const checkpoints = new Checkpoints();
  await checkpoints.run(`${folder}/gone.db`);
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  await checkpoints.close();
  await Deno.remove(folder, { recursive: true });
});

mailTest("an account that is written to all the time has its log copied", async (t) => {
  const path = `${t.dataDir}/accounts/${t.account}/mail.db`;
  const large = letter("large", "", `${"x".repeat(70)}\r\n`.repeat(1400));
  const written = Promise.withResolvers<void>();
  const size = Deno.statSync(path).size;
  for (let at = 0; at < 200; at++) await append(t.mail, "INBOX", large);
  const look = setInterval(() => Deno.statSync(path).size > size + 1_000_000 && written.resolve(), 20);
  await written.promise;
  clearInterval(look);
});
