import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, attachment, mail } from "./support/mail.ts";
import { bytes, characters } from "./support/observer.ts";

const test = clientSuite({ name: "curl", programs: ["curl"], packages: "curl" });

function curl(scene: Scene, path: string, ...options: string[]) {
  const url = `imap://127.0.0.1:${scene.server.imapPort}${path}`;
  return scene.run("curl", [
    "--silent",
    "--show-error",
    "--user",
    `${scene.address}:${scene.password}`,
    ...options,
    url,
  ]);
}

test("lists mailboxes", async (scene) => {
  await scene.observer.command('CREATE "Projects/Bees and birds"');
  const all = await curl(scene, "/");
  assert.match(all.stdout, /^\* LIST \([^)]*\) "\/" "?INBOX"?\r$/m);
  const some = await curl(scene, "/", "--request", 'LIST "Projects/" %');
  assert.deepEqual(some.stdout.match(/"Projects\/.*"/g), ['"Projects/Bees and birds"']);
});

test("fetches whole messages byte for byte", async (scene) => {
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  for (const [index, [subject, content]] of assorted.entries()) {
    const file = scene.path(`${index}.eml`);
    await curl(scene, `/INBOX;UID=${index + 1}`, "--output", file);
    assert.equal(characters(await Deno.readFile(file)), content, subject);
  }
  assert.deepEqual((await scene.observer.messages("INBOX")).map(({ flags }) => flags), [
    "\\Seen",
    "\\Seen",
    "\\Seen",
    "\\Seen",
  ]);
});

test("fetches sections and message numbers", async (scene) => {
  await scene.observer.append("INBOX", mail("first"));
  await scene.observer.append("INBOX", attachment);
  const text = await curl(scene, "/INBOX;MAILINDEX=1;SECTION=TEXT");
  assert.equal(text.stdout, "This is first.\r\n");
  const part = await curl(scene, "/INBOX;UID=2;SECTION=1");
  assert.equal(part.stdout, "Gr=FC=DFe =3D\r\n");
  const mime = await curl(scene, "/INBOX;UID=2;SECTION=2.MIME");
  assert.match(mime.stdout, /^Content-Type: application\/octet-stream; name=bytes\.bin\r\n/);
});

test("searches", async (scene) => {
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  const found = await curl(scene, "/INBOX?SUBJECT%20%22eight%22");
  assert.equal(found.stdout, "* SEARCH 3\r\n");
  const text = await curl(scene, "/INBOX?TEXT%20%22MAILER-DAEMON%22");
  assert.equal(text.stdout, "* SEARCH 2\r\n");
  const nothing = await curl(scene, "/INBOX?FLAGGED");
  assert.match(nothing.stdout, /^\* SEARCH ?\r\n$/);
});

test("uploads, and gets the same bytes back", async (scene) => {
  const large = mail("large", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\r\n".repeat(20_000));
  for (const [index, content] of [attachment, large].entries()) {
    const file = await scene.file(`up-${index}.eml`, bytes(content));
    await curl(scene, "/INBOX", "--upload-file", file);
    const [message] = (await scene.observer.messages("INBOX")).slice(-1);
    assert.equal(message.flags, "\\Seen");
    assert.ok(message.content === content, `message ${index} came back changed`);
  }
});

test("makes folders, flags, copies and expunges by custom requests", async (scene) => {
  await scene.observer.append("INBOX", mail("one"));
  await scene.observer.append("INBOX", mail("two"));
  await curl(scene, "/", "--request", "CREATE Receipts");
  await curl(scene, "/INBOX", "--request", "COPY 2 Receipts");
  const stored = await curl(scene, "/INBOX", "--request", "STORE 2 +FLAGS (\\Deleted \\Flagged)");
  assert.match(stored.stdout, /^\* 2 FETCH \(.*FLAGS \([^)]*\\Deleted/m);
  assert.deepEqual(await scene.observer.summary("INBOX"), ["one", "two: \\Deleted \\Flagged"]);
  const expunged = await curl(scene, "/INBOX", "--request", "EXPUNGE");
  assert.match(expunged.stdout, /^\* 2 EXPUNGE\r$/m);
  assert.deepEqual(await scene.observer.summary("INBOX"), ["one"]);
  assert.deepEqual(await scene.observer.summary("Receipts"), ["two"]);
  const status = await curl(scene, "/", "--request", "STATUS Receipts (MESSAGES UNSEEN)");
  assert.match(status.stdout, /^\* STATUS "?Receipts"? \(MESSAGES 1 UNSEEN 1\)\r$/m);
});

test("reads over TLS, with and without checking the certificate", async (scene) => {
  await scene.observer.append("INBOX", mail("secret"));
  const user = ["--silent", "--show-error", "--user", `${scene.address}:${scene.password}`];
  const url = `imaps://127.0.0.1:${scene.server.imapsPort}/INBOX;UID=1`;
  for (const trust of [["--insecure"], ["--cacert", scene.server.certificate]]) {
    assert.equal((await scene.run("curl", [...user, ...trust, url])).stdout, mail("secret"));
  }
  await scene.run("curl", [...user, url], { codes: [60] });
});

test("logs in with each mechanism it knows", async (scene) => {
  for (const mechanism of ["PLAIN", "CRAM-MD5"]) {
    const listed = await curl(scene, "/", "--login-options", `AUTH=${mechanism}`);
    assert.match(listed.stdout, /INBOX/, mechanism);
  }
  const args = ["--silent", "--user", `${scene.address}:wrong`, `imap://127.0.0.1:${scene.server.imapPort}/`];
  await scene.run("curl", args, { codes: [67] });
});

test("logs in with a password of many kinds of characters", async (scene) => {
  const address = `strange-${crypto.randomUUID().slice(0, 8)}@example.org`;
  const password = 'Grüße "東京" \\ {7} %41';
  await scene.server.addAccount(address, password);
  const config = await scene.file("curlrc", `user = "${address}:${password.replaceAll(/["\\]/g, "\\$&")}"\n`);
  const url = `imap://127.0.0.1:${scene.server.imapPort}/`;
  for (const mechanism of ["PLAIN", "CRAM-MD5"]) {
    const listed = await scene.run("curl", [
      "--config",
      config,
      "--silent",
      "--login-options",
      `AUTH=${mechanism}`,
      url,
    ]);
    assert.match(listed.stdout, /INBOX/, mechanism);
  }
}, { roostOnly: true });
