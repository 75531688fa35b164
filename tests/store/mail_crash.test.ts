import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../store/sqlite/open.ts";
import type { AccountId } from "../../store/types.ts";
import { EVERYTHING, filesIn, name, until } from "./mailsupport.ts";

/**
 * Appends until it is killed, and writes each acknowledged UID on a line of its own: `mailbox uid`. Small and large messages,
 * several in one operation, moves.
 */
const WRITER = `
import { openStore } from "${new URL("../../store/sqlite/open.ts", import.meta.url)}";
const [dataDir, account] = Deno.args;
const store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
const mail = store.mail(Number(account));
const encoder = new TextEncoder();
const say = (line) => Deno.stdout.writeSync(encoder.encode(line + "\\n"));
async function message(i, size) {
  const draft = await mail.draft(size);
  await draft.write(encoder.encode("Subject: " + i + "\\r\\nMessage-ID: <" + i + "@x>\\r\\n\\r\\n" + "x".repeat(size)));
  return { draft, flags: { fixed: 0, keywords: i % 5 ? [] : ["k" + i % 3] } };
}
for (let i = 0;; i++) {
  const messages = [await message(i, i % 4 === 3 ? 150000 : 500)];
  if (i % 3 === 0) messages.push(await message(i, 800));
  const { uids, mailbox } = await mail.append("INBOX", messages);
  say("appended " + uids.join(","));
  if (i % 4 === 2) {
    const moved = await mail.move(mailbox.id, [{ first: uids[0], last: uids[0] }], "Archive");
    say("moved " + uids[0] + " " + moved.destinationUids.join(","));
  }
}
`;

/** Starts the writer and kills it after some answers. @returns the lines it got out */
async function killedWriter(script: string, dataDir: string, account: AccountId, answers: number): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--config",
      new URL("../../deno.json", import.meta.url).pathname,
      script,
      dataDir,
      `${account}`,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\n").length > answers) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
  await child.status;
  return text.split("\n").slice(0, -1);
}

Deno.test("a killed process loses nothing that was acknowledged and leaves nothing half done", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "roost-" });
  try {
    const script = `${dataDir}/writer.ts`;
    await Deno.writeTextFile(script, WRITER);
    let store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
    const [{ id }] = await store.directory.add([{ address: "alice@example.org", credentials: {} }]);
    await store.close();
    const inInbox = new Set<number>();
    const inArchive = new Set<number>();
    for (const answers of [1, 7, 20, 41, 90]) {
      for (const line of await killedWriter(script, dataDir, id, answers)) {
        const [word, first, second] = line.split(" ");
        if (word === "appended") first.split(",").forEach((uid) => inInbox.add(Number(uid)));
        else {
          inInbox.delete(Number(first));
          inArchive.add(Number(second));
        }
      }
      store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
      await check(store, dataDir, id, inInbox, inArchive);
      await store.close();
    }
    assert.ok(inInbox.size > 100);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

async function check(
  store: Awaited<ReturnType<typeof openStore>>,
  dataDir: string,
  account: AccountId,
  inInbox: ReadonlySet<number>,
  inArchive: ReadonlySet<number>,
): Promise<void> {
  const mail = store.mail(account);
  let messages = 0;
  let bytes = 0;
  const files = new Set<string>();
  for (const [box, acknowledged] of [["INBOX", inInbox], ["Archive", inArchive]] as const) {
    const mailbox = (await mail.mailbox(name(box)))!;
    const found = new Set<number>();
    const moved = new Set<number>();
    for await (const batch of mail.read(mailbox.id, EVERYTHING, ["uid", "size", "emailId"], 0 as never)) {
      for (const [uid, size, emailId] of batch) {
        // Rows expunged since modseq 0 come as well.
        if ((await mail.index(mailbox.id)).position(uid) < 0) {
          moved.add(uid);
          continue;
        }
        found.add(uid);
        messages++;
        bytes += size;
        using source = (await mail.content(emailId))!;
        assert.equal(source.read(0, size + 1).length, size);
      }
    }
    // The last move may have been done without its answer.
    const lost = [...acknowledged].filter((uid) => !found.has(uid) && !moved.has(uid));
    assert.deepEqual(lost, [], box);
    const status = await mail.status(mailbox.id);
    assert.equal(status.messages, found.size);
  }
  const usage = await mail.usage();
  assert.deepEqual([usage.messages, usage.bytes], [messages, bytes]);

  const db = new DatabaseSync(`${dataDir}/accounts/${account}/mail.db`, { readOnly: true });
  try {
    assert.equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    for (const row of db.prepare("SELECT file FROM content WHERE file IS NOT NULL").all()) files.add(String(row.file));
  } finally {
    db.close();
  }
  const folder = `${dataDir}/accounts/${account}/content`;
  await until(() => !filesIn(folder).some((file) => file.startsWith("tmp-"))); // removed soon after the opening
  assert.deepEqual(filesIn(folder), [...files].sort());
}
