import assert from "node:assert/strict";
import { messages, transferTest } from "./support.ts";

transferTest("eml: files and folders; dates from Received, Date, the file", async (t) => {
  t.write(
    "in/10.eml",
    "Received: from x by y; Tue, 2 Jan 2024 03:04:05 +0100\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nten\n",
  );
  t.write("in/9.EML", "Date: Mon, 1 Jan 2024 00:00:00 +0000\nX-Mozilla-Status: 0001\n\nnine\n");
  t.write("in/Work/A%2eB/x.eml", "Subject: x\r\n\r\nbare\nx\r\n", 1_600_000_000);
  t.write("in/notes.txt", "x");
  t.write("in/Empty/.keep", "");
  assert.deepEqual(await t.bring("eml", "in"), {
    added: 3,
    present: 0,
    told: ["skipped: in/notes.txt: not a .eml file"],
  });
  const times = (await messages(t.mail)).map(({ date, flags }) => [date, flags]);
  assert.deepEqual(times, [[Date.UTC(2024, 0, 1) / 1000, "\\Seen"], [Date.UTC(2024, 0, 2, 2, 4, 5) / 1000, ""]]);
  const [work] = await messages(t.mail, "Work/A.B");
  assert.deepEqual(work, { date: 1_600_000_000, flags: "", text: "Subject: x\r\n\r\nbare\r\nx\r\n" });
  assert.equal((await messages(t.mail, "Empty")).length, 0);
});

transferTest("eml: one file", async (t) => {
  t.write("one.eml", "Date: Mon, 1 Jan 2024 00:00:00 +0000\n\nx\n");
  assert.equal((await t.bring("eml", "one.eml", { below: "Archive" })).added, 1);
  assert.equal((await messages(t.mail, "Archive")).length, 1);
});

transferTest("a broken index or manifest is told, and the mail imported all the same", async (t) => {
  t.write("in/INBOX/1.eml", "A: 1\n\n", 5);
  t.write("in/INBOX/2.eml", "A: 2\n\n", 5);
  t.write(
    "in/INBOX/index.jsonl",
    '{"file":"2.eml","flags":["\\\\Seen"],"date":"2024-01-01T00:00:00Z"}\nnonsense\n{"file":"1.e',
  );
  t.write("in/roost-export.json", '{"version":1}');
  const { added, told } = await t.bring("eml", "in");
  assert.equal(added, 2);
  assert.deepEqual(told, [
    "skipped: in/roost-export.json: it is not what an export writes; names are taken from the files",
    "skipped: in/INBOX/index.jsonl, line 2: it is not what an export writes",
  ]);
  assert.deepEqual((await messages(t.mail)).map(({ flags, text }) => `${flags} ${text.slice(0, 4)}`), [
    "\\Seen A: 2",
    " A: 1",
  ]);
});
