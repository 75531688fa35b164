import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, mail } from "./support/mail.ts";
import { deliveryAgent } from "./support/delivery.ts";
import { local } from "./support/maildir.ts";

const test = clientSuite({ name: "getmail6", programs: ["getmail"], packages: "getmail6" });

/** @returns a function that retrieves once, and what was delivered */
async function prepare(scene: Scene, retriever: string[], options: string[]) {
  const { program, delivered } = await deliveryAgent(scene);
  const config = await scene.file(
    "getmailrc",
    [
      "[retriever]",
      ...retriever,
      "server = localhost",
      `username = ${scene.address}`,
      `password = ${scene.password}`,
      "timeout = 15",
      "[destination]",
      "type = MDA_external", // a Maildir it does not fill as root
      `path = ${program}`,
      "allow_root_commands = true",
      "unixfrom = false",
      "[options]",
      "delivered_to = false",
      "received = false",
      ...options,
      "",
    ].join("\n"),
  );
  const args = ["--getmaildir", scene.directory, "--rcfile", config];
  return {
    retrieve: () => scene.run("getmail", args),
    delivered: async () => (await delivered()).map(withoutOwnFields),
  };
}

const clear = (scene: Scene) => ["type = SimpleIMAPRetriever", `port = ${scene.server.imapPort}`];
const tls = (scene: Scene) => [
  "type = SimpleIMAPSSLRetriever",
  `port = ${scene.server.imapsPort}`,
  `ca_certs = ${scene.server.certificate}`,
];

test("retrieves each message once and leaves it", async (scene) => {
  const { retrieve, delivered } = await prepare(scene, clear(scene), ["read_all = false", "delete = false"]);
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  await retrieve();
  assert.deepEqual((await delivered()).sort(), assorted.map(([, content]) => local(content)).sort());
  await scene.observer.append("INBOX", mail("later"));
  await retrieve();
  assert.deepEqual((await delivered()).slice(assorted.length), [local(mail("later"))]);
  assert.equal((await scene.observer.messages("INBOX")).length, assorted.length + 1);
});

test("retrieves over TLS from several mailboxes and deletes", async (scene) => {
  await scene.observer.command('CREATE "Lists/bees"');
  await scene.observer.append("Lists/bees", mail("swarm"));
  await scene.observer.append("INBOX", mail("one"));
  await scene.observer.append("INBOX", mail("two"));
  const mailboxes = 'mailboxes = ("INBOX", "Lists/bees")';
  const { retrieve, delivered } = await prepare(scene, [...tls(scene), mailboxes], ["delete = true"]);
  await retrieve();
  assert.deepEqual(await delivered(), ["one", "two", "swarm"].map((subject) => local(mail(subject))));
  assert.deepEqual(await scene.observer.summary("INBOX"), []);
  assert.deepEqual(await scene.observer.summary("Lists/bees"), []);
});

test("moves what it deletes to the trash", async (scene) => {
  await scene.observer.append("INBOX", mail("one"));
  const { retrieve, delivered } = await prepare(scene, [...clear(scene), "move_on_delete = Trash"], ["delete = true"]);
  await retrieve();
  assert.deepEqual(await delivered(), [local(mail("one"))]);
  assert.deepEqual(await scene.observer.summary("INBOX"), []);
  assert.equal((await scene.observer.messages("Trash")).length, 1);
});

/** getmail adds two fields of its own. */
function withoutOwnFields(content: string): string {
  return content.replace(/^(Return-Path|X-getmail-[a-z-]+): .*\n/gm, "");
}
