import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, mail } from "./support/mail.ts";
import { local } from "./support/maildir.ts";
import { deliveryAgent } from "./support/delivery.ts";

const test = clientSuite({ name: "fetchmail", programs: ["fetchmail"], packages: "fetchmail" });

/** @returns a function that polls once, the arguments to poll in IDLE, and what was delivered */
async function prepare(scene: Scene, secure: boolean, options: string) {
  const { program, delivered } = await deliveryAgent(scene);
  const { server } = scene;
  const transport = secure ? `ssl sslproto 'TLS1.2+' sslcertck sslcertfile '${server.certificate}'` : "sslproto ''";
  const config = await scene.file(
    "fetchmailrc",
    [
      "set no bouncemail",
      `poll localhost protocol IMAP service ${secure ? server.imapsPort : server.imapPort} timeout 15`,
      `  user '${scene.address}' password '${scene.password}' ${transport}`,
      `  no rewrite mda '${program}' ${options}`,
      "",
    ].join("\n"),
  );
  const args = ["--fetchmailrc", config, "--pidfile", scene.path("pid"), "--invisible", "--nosyslog"];
  return {
    poll: (codes = [0]) => scene.run("fetchmail", args, { codes }),
    idle: [...args, "--idle"],
    delivered,
  };
}

/** fetchmail exits with 1 when there was no new mail. */
const none = [1];

test("retrieves new mail and marks it seen", async (scene) => {
  const { poll, delivered } = await prepare(scene, false, "keep");
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  await poll();
  assert.deepEqual(await delivered(), assorted.map(([, content]) => local(content)));
  assert.deepEqual(new Set((await scene.observer.messages("INBOX")).map(({ flags }) => flags)), new Set(["\\Seen"]));
  await poll(none);
  await scene.observer.append("INBOX", mail("later"));
  await poll();
  assert.deepEqual((await delivered()).at(-1), local(mail("later")));
});

test("retrieves over TLS and deletes", async (scene) => {
  const { poll, delivered } = await prepare(scene, true, "fetchall nokeep expunge 1");
  await scene.observer.append("INBOX", mail("one"), "\\Seen");
  await scene.observer.append("INBOX", mail("two"));
  await scene.observer.append("INBOX", mail("three"));
  await poll();
  assert.deepEqual(await delivered(), ["one", "two", "three"].map((subject) => local(mail(subject))));
  assert.deepEqual(await scene.observer.messages("INBOX"), []);
  await poll(none);
});

test("retrieves from several folders", async (scene) => {
  await scene.observer.command('CREATE "Lists/bees"');
  await scene.observer.append("Lists/bees", mail("swarm"));
  await scene.observer.append("INBOX", mail("one"));
  const { poll, delivered } = await prepare(scene, false, "folder 'INBOX','Lists/bees' nokeep");
  await poll();
  assert.deepEqual((await delivered()).sort(), [local(mail("one")), local(mail("swarm"))]);
  assert.deepEqual(await scene.observer.messages("Lists/bees"), []);
});

test("waits in IDLE and takes mail as it comes", async (scene) => {
  const { idle, delivered } = await prepare(scene, false, "nokeep");
  await scene.observer.append("INBOX", mail("before"));
  const waiting = scene.run("timeout", ["--signal=TERM", "15", "fetchmail", ...idle], {
    codes: [0, 1, 3, 4, 10, 11, 13, 124],
  });
  waiting.catch(() => {}); // awaited below, unless something else fails first
  await until(async () => (await scene.observer.messages("INBOX")).length === 0);
  await scene.observer.append("INBOX", mail("while idling"));
  await until(async () => (await scene.observer.messages("INBOX")).length === 0);
  assert.deepEqual(await delivered(), ["before", "while idling"].map((subject) => local(mail(subject))));
  await scene.run("fetchmail", ["--quit", "--pidfile", scene.path("pid")], { codes: [0, 1, 3, 11] });
  await waiting;
});

/** Looks until it holds, at most 12 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 12_000;
  while (!await holds()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
