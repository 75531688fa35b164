/** Many sessions of a real client at once on one account, through two server processes on the same data. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ImapFlow, ImapFlowOptions } from "imapflow";
import { startServer } from "../support/server.ts";
import { mail } from "./support/mail.ts";
import { clientSuite } from "./support/suite.ts";
import { withImapFlow } from "./support/imapflow.ts";

const test = clientSuite({ name: "crowd", programs: [], packages: "" });
const mailboxes = ["INBOX", "Archive", "Team", "Team/Deep"];
const OPERATIONS = 60;

const sessions: Partial<ImapFlowOptions>[] = [
  { secure: true },
  { qresync: true },
  { disableIMAP4rev2: true },
  { disableCompression: true, disableAutoIdle: false, autoIdleDelay: 5 },
  { qresync: true, secure: true, disableAutoIdle: false, autoIdleDelay: 5 },
  { disableIMAP4rev2: true, disableCompression: true },
];

test("of sessions in two processes: nothing fails, and the store is sound", async (scene) => {
  await using second = await startServer({ config: { dataDir: scene.server.dataDir } });
  for (const name of mailboxes.slice(2)) await scene.observer.command(`CREATE "${name}"`);
  await Promise.all(sessions.map(async (options, number) => {
    const server = number % 2 === 0 ? scene.server : second;
    const { address, password } = scene;
    await withImapFlow({ server, address, password }, options, (client) => work(client, number + 1));
  }));
  assert.deepEqual(second.takeErrors(), []);
  for (const name of mailboxes) {
    const status = (await scene.observer.command(`STATUS "${name}" (MESSAGES)`))[0];
    assert.equal(Number(/MESSAGES (\d+)/.exec(status)![1]), (await scene.observer.messages(name)).length, name);
  }
  const { code, stdout, stderr } = await scene.server.roost(["verify"]);
  assert.equal(code, 0, new TextDecoder().decode(stdout) + stderr);
}, { roostOnly: true });

/** The same operations in the same order at each run; how the sessions' are interleaved is chance. */
async function work(client: ImapFlow, seed: number): Promise<void> {
  let state = seed;
  const below = (limit: number) => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
  for (let i = 0; i < OPERATIONS; i++) {
    const lock = await client.getMailboxLock(mailboxes[below(mailboxes.length)]);
    try {
      await operation(client, below, `session ${seed} mail ${i}`);
    } finally {
      lock.release();
    }
  }
}

async function operation(client: ImapFlow, below: (limit: number) => number, subject: string): Promise<void> {
  const mailbox = client.mailbox as { path: string; exists: number };
  const kind = below(10);
  if (kind < 3 || mailbox.exists === 0) {
    const content = Buffer.from(mail(subject, "word ".repeat(below(600)) + "\r\n"));
    assert.ok(await client.append(mailbox.path, content, below(2) === 0 ? ["\\Seen"] : []));
    return;
  }
  const other = mailboxes[below(mailboxes.length)];
  const first = 1 + below(mailbox.exists);
  const few = `${first}:${Math.min(mailbox.exists, first + 3)}`;
  // Another session may have removed the messages: then these do nothing, which is no failure.
  if (kind === 3) await client.messageFlagsAdd(`${first}:*`, ["\\Flagged", `Label${below(9)}`]);
  else if (kind === 4) await client.messageFlagsRemove(few, ["\\Flagged"]);
  else if (kind === 5) await client.messageMove(few, other);
  else if (kind === 6) await client.messageCopy(few, other);
  else if (kind === 7) await client.messageDelete(few);
  else if (kind === 8) {
    const query = { uid: true, flags: true, envelope: true, bodyStructure: true, source: true };
    for await (const { envelope, bodyStructure, source } of client.fetch("1:*", query)) {
      // A flag change by another session comes as a FETCH response too, with the flags alone.
      if (envelope === undefined && source === undefined) continue;
      assert.ok(envelope?.subject?.startsWith("session") && bodyStructure && source && source.length > 0);
    }
  } else {
    assert.ok(await client.search({ flagged: true, body: "word" }, { uid: true }));
    await client.list({ statusQuery: { messages: true, unseen: true } });
  }
}
