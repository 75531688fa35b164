import assert from "node:assert/strict";
import { Snapshot } from "../../store/sqlite/verifyreport.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { EmailRuns } from "../../store/sqlite/emailruns.ts";
import { append, letter, mailTest, named, uids } from "./mailsupport.ts";

mailTest("messages are told their emails in runs, with gaps, copies and what came later", async (t) => {
  const letters = (count: number) => Array.from({ length: count }, (_, i) => letter(`m${i}`));
  await append(t.mail, "INBOX", ...letters(5));
  await append(t.mail, "Archive", ...letters(2));
  await append(t.mail, "INBOX", ...letters(4));
  await t.mail.copy(t.inbox.id, uids(2, 3), "Archive" as never);
  await t.mail.remove(t.inbox.id, uids(4));
  const path = `${t.dataDir}/accounts/${t.account}/mail.db`;
  const db = new AccountDatabase(path, () => {});
  try {
    for (const name of ["INBOX", "Archive"]) {
      const { id } = await named(t.mail, name);
      const runs = new EmailRuns(id);
      for (let round = 0; round < 2; round++) {
        using snapshot = new Snapshot(path);
        const rows = snapshot.rows<{ uid: number; email_id: number }>(
          "SELECT uid, email_id FROM message WHERE mailbox_id = ? ORDER BY uid",
          id,
        );
        for (let skip = 1; skip < 4; skip++) {
          const asked = rows.filter((_, i) => skip === 1 || i % skip !== 1);
          const found = new Map<number, number>();
          for (const { at, email, count } of runs.of(db, Uint32Array.from(asked, ({ uid }) => uid))) {
            for (let i = 0; i < count; i++) found.set(at + i, email + i);
          }
          assert.deepEqual([...found], asked.map(({ email_id }, i) => [i, email_id]));
        }
        await append(t.mail, name, ...letters(3));
      }
      assert.deepEqual(runs.of(db, Uint32Array.of(4000)), []);
      assert.deepEqual(runs.of(db, new Uint32Array(0)), []);
    }
    const inbox = new EmailRuns(t.inbox.id);
    assert.deepEqual(inbox.of(db, Uint32Array.of(1, 2, 3, 4, 5)).map(({ at, count }) => [at, count]), [[0, 3], [4, 1]]);
  } finally {
    db.close();
  }
});
