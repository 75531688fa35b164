import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, mail } from "./support/mail.ts";
import { addToMaildir, local, maildirMessage, makeMaildir, readMaildir, setMaildirFlags } from "./support/maildir.ts";

const test = clientSuite({ name: "offlineimap3", programs: ["offlineimap"], packages: "offlineimap3" });

/** @returns a function that syncs once */
async function prepare(scene: Scene, secure = false): Promise<() => Promise<void>> {
  const { server } = scene;
  const config = await scene.file(
    "offlineimaprc",
    [
      "[general]",
      "accounts = Test",
      `metadata = ${scene.path("metadata")}`,
      "socktimeout = 15",
      "[Account Test]",
      "localrepository = Local",
      "remoterepository = Remote",
      "[Repository Local]",
      "type = Maildir",
      `localfolders = ${scene.path("mail")}`,
      "sep = /",
      "[Repository Remote]",
      "type = IMAP",
      "remotehost = localhost",
      `remoteport = ${secure ? server.imapsPort : server.imapPort}`,
      `ssl = ${secure ? "yes" : "no"}`,
      ...(secure ? [`sslcacertfile = ${server.certificate}`] : ["starttls = no"]),
      `remoteuser = ${scene.address}`,
      `remotepass = ${scene.password}`,
      "maxconnections = 2",
      "",
    ].join("\n"),
  );
  return async () => {
    const ran = await scene.run("offlineimap", ["-o", "-c", config, "-u", "basic"]);
    assert.doesNotMatch(ran.stdout + ran.stderr, /ERROR|Traceback/, scene.explain("offlineimap complained", ran));
  };
}

test("brings new mail and folders down byte for byte", async (scene) => {
  const sync = await prepare(scene, true);
  for (const [, content] of assorted) await scene.observer.append("INBOX", content, "\\Seen");
  await scene.observer.command('CREATE "Work/Reports"');
  await scene.observer.append("Work/Reports", mail("report"), "\\Flagged");
  await sync();
  const found = await readMaildir(scene.path("mail/INBOX"));
  assert.deepEqual(
    found.map(({ subject, flags, content }) => [subject, flags, content]),
    assorted.map(([subject, content]) => [subject, "S", local(content)]).sort((a, b) => (a[0] < b[0] ? -1 : 1)),
  );
  const report = await maildirMessage(scene.path("mail/Work/Reports"), "report");
  assert.equal(report.flags, "F");
});

test("carries mail, flags and folders up", async (scene) => {
  const sync = await prepare(scene);
  await scene.observer.append("INBOX", mail("there"));
  await sync();
  await makeMaildir(scene.path("mail/Letters"));
  for (const [, content] of assorted) await addToMaildir(scene.path("mail/Letters"), content, "RS");
  await setMaildirFlags(scene.path("mail/INBOX"), "there", "FS");
  await sync();
  assert.deepEqual(await scene.observer.summary("INBOX"), ["there: \\Flagged \\Seen"]);
  const messages = await scene.observer.messages("Letters");
  assert.deepEqual(new Set(messages.map(({ flags }) => flags)), new Set(["\\Answered \\Seen"]));
  assert.deepEqual(
    messages.map(({ content }) => content.replace(/^X-OfflineIMAP: .*\r\n/m, "")).sort(),
    assorted.map(([, content]) => content).sort(),
  );
  await sync();
  assert.equal((await scene.observer.messages("Letters")).length, assorted.length);
});

test("carries flags and deletions both ways", async (scene) => {
  const sync = await prepare(scene);
  for (const subject of ["one", "two", "three", "four"]) await scene.observer.append("INBOX", mail(subject));
  await sync();
  const inbox = scene.path("mail/INBOX");
  await scene.observer.store("INBOX", 1, "+FLAGS (\\Seen \\Answered)");
  await scene.observer.remove("INBOX", 2);
  await setMaildirFlags(inbox, "three", "S");
  await Deno.remove((await maildirMessage(inbox, "four")).path);
  await sync();
  assert.deepEqual(
    (await readMaildir(inbox)).map(({ subject, flags }) => [subject, flags]),
    [["one", "RS"], ["three", "S"]],
  );
  assert.deepEqual(await scene.observer.summary("INBOX"), ["one: \\Answered \\Seen", "three: \\Seen"]);
});
