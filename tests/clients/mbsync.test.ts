import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, mail } from "./support/mail.ts";
import { addToMaildir, local, maildirMessage, readMaildir, setMaildirFlags } from "./support/maildir.ts";

const test = clientSuite({ name: "mbsync", programs: ["mbsync"], packages: "isync" });

/** Two-way: everything is propagated in both directions. @returns a function that syncs once */
async function prepare(scene: Scene, connection: string[]): Promise<() => Promise<void>> {
  const mail = await scene.folder("mail");
  const config = await scene.file(
    "mbsyncrc",
    [
      "IMAPAccount roost",
      "Host localhost",
      `User ${scene.address}`,
      `Pass ${scene.password}`,
      ...connection,
      "",
      "IMAPStore far",
      "Account roost",
      "",
      "MaildirStore near",
      `Path ${mail}/`,
      `Inbox ${mail}/INBOX`,
      "SubFolders Verbatim",
      "",
      "Channel all",
      "Far :far:",
      "Near :near:",
      "Patterns *",
      "Create Both",
      "Remove Both",
      "Expunge Both",
      "CopyArrivalDate yes",
      "SyncState *",
      "",
    ].join("\n"),
  );
  return async () => {
    const ran = await scene.run("mbsync", ["--config", config, "--all"]);
    assert.doesNotMatch(ran.stderr, /error|warning/i, scene.explain("mbsync complained", ran));
  };
}

const clear = (scene: Scene) => [`Port ${scene.server.imapPort}`, "SSLType None"];
const tls = (
  scene: Scene,
) => [`Port ${scene.server.imapsPort}`, "SSLType IMAPS", `CertificateFile ${scene.server.certificate}`];

test("brings new mail and folders down byte for byte", async (scene) => {
  const sync = await prepare(scene, clear(scene));
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  await scene.observer.command('CREATE "Work/Reports"');
  await scene.observer.append("Work/Reports", mail("report"), "\\Seen \\Flagged", "01-Feb-2022 10:11:12 +0000");
  await sync();
  const found = await readMaildir(scene.path("mail/INBOX"));
  assert.deepEqual(
    found.map(({ subject, content }) => [subject, withoutMark(content)]),
    assorted.map(([subject, content]) => [subject, local(content)]).sort((a, b) => (a[0] < b[0] ? -1 : 1)),
  );
  const [report] = await readMaildir(scene.path("mail/Work/Reports"));
  assert.deepEqual([report.subject, report.flags], ["report", "FS"]);
  assert.equal((await Deno.stat(report.path)).mtime?.toISOString(), "2022-02-01T10:11:12.000Z");
});

test("carries new mail up with its flags, and gets it back once", async (scene) => {
  const sync = await prepare(scene, tls(scene));
  await sync();
  for (const [, content] of assorted) await addToMaildir(scene.path("mail/INBOX"), content, "RS");
  await sync();
  await sync();
  const messages = await scene.observer.messages("INBOX");
  assert.deepEqual(
    messages.map(({ content }) => withoutMark(content)).sort(),
    assorted.map(([, content]) => content).sort(),
  );
  assert.deepEqual(new Set(messages.map(({ flags }) => flags)), new Set(["\\Answered \\Seen"]));
  assert.equal((await readMaildir(scene.path("mail/INBOX"))).length, assorted.length);
});

test("carries flags both ways", async (scene) => {
  const sync = await prepare(scene, clear(scene));
  for (const subject of ["one", "two", "three"]) await scene.observer.append("INBOX", mail(subject));
  await sync();
  await scene.observer.store("INBOX", 1, "+FLAGS (\\Seen \\Answered)");
  await setMaildirFlags(scene.path("mail/INBOX"), "two", "FS");
  await setMaildirFlags(scene.path("mail/INBOX"), "three", "DR");
  await sync();
  assert.deepEqual(await scene.observer.summary("INBOX"), [
    "one: \\Answered \\Seen",
    "two: \\Flagged \\Seen",
    "three: \\Answered \\Draft",
  ]);
  assert.equal((await maildirMessage(scene.path("mail/INBOX"), "one")).flags, "RS");
  await scene.observer.store("INBOX", 2, "-FLAGS (\\Flagged)");
  await setMaildirFlags(scene.path("mail/INBOX"), "one", "");
  await sync();
  assert.deepEqual(await scene.observer.summary("INBOX"), ["one", "two: \\Seen", "three: \\Answered \\Draft"]);
  assert.equal((await maildirMessage(scene.path("mail/INBOX"), "two")).flags, "S");
});

test("carries deletions both ways", async (scene) => {
  const sync = await prepare(scene, clear(scene));
  for (const subject of ["one", "two", "three", "four"]) await scene.observer.append("INBOX", mail(subject));
  await sync();
  await scene.observer.remove("INBOX", 2);
  await setMaildirFlags(scene.path("mail/INBOX"), "three", "ST");
  await Deno.remove((await maildirMessage(scene.path("mail/INBOX"), "four")).path);
  await sync();
  assert.deepEqual(await scene.observer.summary("INBOX"), ["one"]);
  assert.deepEqual((await readMaildir(scene.path("mail/INBOX"))).map(({ subject }) => subject), ["one"]);
});

test("makes and removes folders both ways", async (scene) => {
  const sync = await prepare(scene, clear(scene));
  await sync();
  for (const part of ["cur", "new", "tmp"]) await Deno.mkdir(scene.path(`mail/Letters/${part}`), { recursive: true });
  await addToMaildir(scene.path("mail/Letters"), mail("letter"));
  await scene.observer.command("CREATE Bills");
  await sync();
  assert.deepEqual(await scene.observer.summary("Letters"), ["letter: \\Seen"]);
  assert.ok((await Deno.stat(scene.path("mail/Bills/cur"))).isDirectory);
  await scene.observer.command("DELETE Bills");
  await sync();
  await assert.rejects(Deno.stat(scene.path("mail/Bills/cur")), Deno.errors.NotFound);
  assert.ok(!(await scene.observer.mailboxes()).includes("Bills"));
});

test("moves a thousand messages", async (scene) => {
  const sync = await prepare(scene, tls(scene));
  await sync();
  for (let i = 0; i < 500; i++) await addToMaildir(scene.path("mail/Archive"), mail(`up ${i}`));
  for (let i = 0; i < 500; i++) await scene.observer.append("Archive", mail(`down ${i}`));
  await sync();
  assert.equal((await scene.observer.messages("Archive")).length, 1000);
  assert.equal((await readMaildir(scene.path("mail/Archive"))).length, 1000);
});

/** mbsync marks what it has written with a field of its own. */
function withoutMark(content: string): string {
  return content.replace(/^X-TUID: .*\r?\n/m, "");
}
