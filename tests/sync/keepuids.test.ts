/** `--keep-uids`: what a client knows of the source is true of the mailbox here. */
import assert from "node:assert/strict";
import type { MailStore } from "../../store/store.ts";
import { draft, indexed, letter as localLetter, name, named } from "../store/mailsupport.ts";
import { startServer } from "../support/server.ts";
import { readMaildir } from "../clients/support/maildir.ts";
import { append, Dovecot, hasDovecot, hasMbsync, letter } from "./dovecot.ts";
import { dovecotTest } from "./support.ts";

/** Gives an empty mailbox of Dovecot a UIDVALIDITY of long ago, as that of a real one is. @param folder in its Maildir */
async function old(dovecot: Dovecot, uidValidity: number, folder = ""): Promise<void> {
  await dovecot.run("NOOP");
  const path = `${dovecot.folder}/mail${folder}`;
  const guid = `${uidValidity}`.padStart(32, "0");
  Deno.writeTextFileSync(`${path}/dovecot-uidlist`, `3 V${uidValidity} N1 G${guid}\n`);
  for (const { name } of [...Deno.readDirSync(path)]) {
    if (name.startsWith("dovecot.index")) Deno.removeSync(`${path}/${name}`);
  }
}

async function status(mail: MailStore, mailbox = "INBOX") {
  const { id } = await named(mail, mailbox);
  const { uidValidity, uidNext, highestModSeq } = await mail.status(id);
  return { uidValidity, uidNext: Number(uidNext), highestModSeq: Number(highestModSeq) };
}

const gone = (uids: string) => [`UID STORE ${uids} +FLAGS (\\Deleted)`, "EXPUNGE"];

dovecotTest(
  "UIDs, UIDNEXT and UIDVALIDITY are the source's, also after more runs",
  async ({ dovecot, mail, inbox, sync }) => {
    await old(dovecot, 1_400_000_000);
    for (let n = 1; n <= 6; n++) await dovecot.run(append("INBOX", letter(n)));
    await dovecot.run("SELECT INBOX", ...gone("1,4,6"));
    assert.deepEqual((await sync({ keepUids: true })).told, []);
    assert.deepEqual(await indexed(mail, inbox), [2, 3, 5]);
    const { uidValidity, uidNext } = await status(mail);
    assert.deepEqual({ uidValidity, uidNext }, { uidValidity: 1_400_000_000, uidNext: 7 });
    await dovecot.run(append("INBOX", letter(7)), append("INBOX", letter(8)), "SELECT INBOX", ...gone("3,7"));
    // The source's UIDs are kept without being asked to again.
    assert.deepEqual((await sync()).told, []);
    assert.deepEqual(await indexed(mail, inbox), [2, 5, 8]);
    assert.deepEqual((await mail.index(inbox.id)).uidValidity, 1_400_000_000);
  },
);

dovecotTest("mod-sequences go on above the source's (RFC 7162 §3.1)", async ({ dovecot, mail, inbox, sync }) => {
  await old(dovecot, 1_400_000_000);
  await dovecot.run(append("INBOX", letter(1)), append("INBOX", letter(2)));
  for (let n = 0; n < 30; n++) await dovecot.run("SELECT INBOX", `UID STORE 1 ${n % 2 ? "-" : "+"}FLAGS (\\Seen)`);
  const there = async () => Number(/HIGHESTMODSEQ (\d+)/.exec(await dovecot.run("STATUS INBOX (HIGHESTMODSEQ)"))?.[1]);
  await sync({ keepUids: true });
  const before = await there();
  assert.ok((await status(mail)).highestModSeq > before);
  await dovecot.run("SELECT INBOX", "UID STORE 2 FLAGS (\\Seen)");
  await sync();
  assert.ok((await status(mail)).highestModSeq > await there());
  // A client that knows all up to `before` is told of the change.
  const index = await mail.index(inbox.id);
  const changed = [...index.changedSince(before as Parameters<typeof index.changedSince>[0])];
  assert.ok(changed.includes(index.position(2 as Parameters<typeof index.position>[0])));
});

dovecotTest(
  "a mailbox that was used here keeps its own UIDs, which is told",
  async ({ dovecot, mail, inbox, sync }) => {
    await old(dovecot, 1_400_000_000);
    await dovecot.run(append("INBOX", letter(1)));
    await mail.append(name("INBOX"), [{
      draft: await draft(mail, localLetter("own")),
      flags: { fixed: 0, keywords: [] },
    }]);
    const before = (await status(mail)).uidValidity;
    assert.match((await sync({ keepUids: true })).told.join(), /^note: INBOX: its UIDs cannot be kept/);
    assert.equal((await status(mail)).uidValidity, before);
    assert.deepEqual(await indexed(mail, inbox), [1, 2]);
  },
);

dovecotTest("mail that took the source's UIDs meanwhile: another UIDVALIDITY, never a wrong message", async (t) => {
  const { dovecot, mail, inbox, sync } = t;
  await old(dovecot, 1_400_000_000);
  await dovecot.run(append("INBOX", letter(1)));
  await sync({ keepUids: true });
  await mail.append(name("INBOX"), [{
    draft: await draft(mail, localLetter("own")),
    flags: { fixed: 0, keywords: [] },
  }]);
  await dovecot.run(append("INBOX", letter(2)));
  const { told, added } = await sync();
  assert.equal(added, 1);
  assert.match(told.join(), /^note: INBOX: other mail came here meanwhile/);
  assert.notEqual((await status(mail)).uidValidity, 1_400_000_000);
  assert.deepEqual(await indexed(mail, inbox), [1, 2, 3]);
});

Deno.test({
  name: "mbsync goes from Dovecot to Roost: no UIDVALIDITY change, nothing downloaded again",
  ignore: !hasDovecot || !hasMbsync,
  fn: async () => {
    await using dovecot = await Dovecot.start();
    await using server = await startServer();
    await old(dovecot, 1_400_000_000);
    for (let n = 1; n <= 5; n++) await dovecot.run(append("INBOX", letter(n), n % 2 ? "\\Seen" : ""));
    await dovecot.run("CREATE Work");
    await old(dovecot, 1_400_000_001, "/.Work");
    await dovecot.run(append("Work", letter("w")), "SELECT INBOX", ...gone("2"));
    Deno.mkdirSync(`${server.dataDir}/near`);
    const mbsync = async (...far: string[]) => {
      const near = `${server.dataDir}/near`;
      const lines = [
        ...["IMAPAccount far", ...far, "IMAPStore far", "Account far", ""],
        ...["MaildirStore near", `Path ${near}/`, `Inbox ${near}/INBOX`, "SubFolders Verbatim", ""],
        ...["Channel all", "Far :far:", "Near :near:", "Patterns INBOX Work", "Create Near", "SyncState *", ""],
      ];
      Deno.writeTextFileSync(`${near}rc`, lines.join("\n"));
      const ran = await new Deno.Command("mbsync", { args: ["--config", `${near}rc`, "--all"] }).output();
      const told = new TextDecoder().decode(ran.stderr) + new TextDecoder().decode(ran.stdout);
      assert.equal(ran.code, 0, told);
      assert.doesNotMatch(told, /error|warning|chang/i);
      const files = await readMaildir(`${near}/INBOX`);
      return { subjects: files.map(({ subject }) => subject), paths: files.map(({ path }) => path) };
    };
    const at = (port: number) => ["Host 127.0.0.1", `Port ${port}`, "SSLType None"];
    const before = await mbsync(...at(dovecot.port), "");
    assert.equal(before.subjects.length, 4);

    await server.addAccount("ann@example.org", "a long secret");
    const args = ["sync", "--from", `imap://tester@127.0.0.1:${dovecot.port}`, "--to", "ann@example.org"];
    const more = ["--insecure", "--password-stdin", "--keep-uids"];
    const first = await server.roost([...args, ...more], "secret");
    assert.equal(first.code, 0, first.stderr);
    await dovecot.run(append("INBOX", letter(6)), "SELECT INBOX", "UID STORE 3 +FLAGS (\\Flagged)");
    const second = await server.roost([...args, ...more], "secret");
    assert.equal(second.code, 0, second.stderr);

    const user = ["User ann@example.org", 'Pass "a long secret"', ""];
    const after = await mbsync(...at(server.imapPort), ...user);
    assert.deepEqual(after.subjects, [...before.subjects, "message 6"]);
    // Files that were there are the same, but for the flag that changed.
    const unique = (path: string) => path.replace(/^.*\//, "").replace(/:2,.*$/, "");
    assert.deepEqual(before.paths.map(unique).filter((file) => !after.paths.map(unique).includes(file)), []);
    assert.ok(after.paths.some((path) => /:2,FS$/.test(path)));
    const verified = await server.roost(["verify"]);
    assert.equal(verified.code, 0, new TextDecoder().decode(verified.stdout));
  },
});
