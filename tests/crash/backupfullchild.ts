/** Run with TMPDIR on a small file system of its own (see backup.test.ts). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { backupStore } from "../../store/sqlite/backup/backup.ts";
import { OpenBackup, restoreAll } from "../../store/sqlite/backup/restore.ts";
import { readAccountManifest } from "../../store/sqlite/backup/manifest.ts";
import { SavedMail } from "../../store/sqlite/backup/source.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { addAccount, addMessage, assertSound, contents, fill, letter } from "../store/backup/support.ts";

const directory = await Deno.makeTempDir();
const [dataDir, target, again] = ["data", "backup", "again"].map((name) => join(directory, name));
const filler = join(directory, "filler");

function fillDisk(spare: number): void {
  using file = Deno.openSync(filler, { create: true, append: true });
  const chunk = new Uint8Array(16 * 1024);
  try {
    for (;;) file.writeSync(chunk);
  } catch {
    // Full now, as it should be.
  }
  file.truncateSync(Math.max(0, file.statSync().size - spare));
}

const store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
const ann = await addAccount(store, "ann@example.org");
await fill(ann, "INBOX", 15);
const faults: string[] = [];
const backup = () =>
  backupStore({
    dataDir,
    target,
    verify: true,
    failed: (what, error) => void faults.push(`${what}: ${(error as Error).message}`),
    progress: () => {},
  });
await backup();
const first = await contents(ann);
await addMessage(ann, "INBOX", letter("another", 300_000));
for (let more = 0; more < 8; more++) await addMessage(ann, "INBOX", letter("in the database", 100_000));

for (const spare of [0, 100_000, 300_000, 600_000]) {
  fillDisk(spare);
  faults.length = 0;
  // Either it ends with a fault of its own, or tells it of the account.
  const failed = await backup().then(({ failed }) => failed > 0, () => true);
  assert.ok(failed, `with ${spare} bytes free`);
  await Deno.remove(filler);
  using whole = OpenBackup.open(target);
  await restoreAll(whole, again, { keepUidValidity: false, progress: () => {} });
  await assertSound(again);
  const copy = await openStore({ dataDir: again, quotaBytes: 0, quotaMessages: 0 });
  assert.deepEqual(await contents(copy.mail(ann.account)), first);
  await copy.close();
  await Deno.remove(again, { recursive: true });
}

/** By the mount that is ours alone. */
async function remount(how: "ro" | "rw"): Promise<void> {
  const { code } = await new Deno.Command("mount", { args: ["-o", `remount,${how}`, Deno.env.get("TMPDIR")!] })
    .output();
  assert.equal(code, 0);
}

await store.close();
await remount("ro");
await assert.rejects(backup(), /Read-only|readonly/i);
{
  using whole = OpenBackup.open(target);
  await assert.rejects(restoreAll(whole, again, { keepUidValidity: false, progress: () => {} }), /Read-only/i);
  const { id } = whole.manifest.accounts[0];
  using saved = new SavedMail(target, readAccountManifest(target, id)!);
  assert.equal(saved.messages(saved.mailboxes().find(({ name }) => name === "INBOX")!.id).length, 15);
}
await remount("rw");

fillDisk(400_000);
{
  using whole = OpenBackup.open(target);
  await assert.rejects(restoreAll(whole, again, { keepUidValidity: false, progress: () => {} }));
  assert.deepEqual([...Deno.readDirSync(again)].map(({ name }) => name), ["restoring"]);
  await Deno.remove(filler);
  await restoreAll(whole, again, { keepUidValidity: false, progress: () => {} });
}
await assertSound(again);
faults.length = 0;
await backup();
assert.deepEqual(faults, []);
