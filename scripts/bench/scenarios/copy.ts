/** COPY, MOVE and EXPUNGE of many messages. */
import { check, checkFlags, checkSize, eachMessage, equal } from "../check.ts";
import { facts, LIGHT } from "../corpus.ts";
import type { ImapClient } from "../imapclient.ts";
import { messagesIn, newMailbox, prepareStored, select, STORED } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

export const copy: Scenario = {
  name: "copy",
  title: "COPY, MOVE and EXPUNGE of all messages",
  rounds: [2, 3],
  prepare: prepareStored,
  async measure(run) {
    const count = run.scale.stored;
    const client = await run.login();
    const [first, second] = [await newMailbox(client), await newMailbox(client)];
    await select(client, STORED, count);
    await one(run, client, "COPY", `COPY 1:* "${first}"`);
    await checkCopied(client, first, count);

    const expunged = await one(run, client, "MOVE", `MOVE 1:* "${second}"`);
    equal(expunged, count, "EXPUNGE responses to MOVE");
    equal(await messagesIn(client, first), 0, "messages left by MOVE");
    await checkCopied(client, second, count);

    await client.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    equal(await one(run, client, "EXPUNGE", "EXPUNGE"), count, "EXPUNGE responses");
    equal(await messagesIn(client, second), 0, "messages left by EXPUNGE");
    await run.logout(client);
  },
};

/** @returns how many messages were told to be gone */
async function one(run: Run, client: ImapClient, what: string, command: string): Promise<number> {
  const count = client.exists;
  let expunged = 0;
  const measured = await run.measure(async () => expunged = (await client.ok(command)).expunges);
  run.rate(what, count / measured.ms * 1000, "messages/s", measured);
  check(client.exists === count - expunged, `EXISTS is ${client.exists} after ${expunged} of ${count} went`);
  return expunged;
}

async function checkCopied(client: ImapClient, mailbox: string, count: number): Promise<void> {
  await select(client, mailbox, count);
  const { kept } = await client.ok("FETCH 1:* (FLAGS RFC822.SIZE)", true);
  const known = facts(LIGHT, count);
  eachMessage(kept, count, (at, items) => {
    checkSize(items, known[at]);
    checkFlags(items, known[at].flags, at);
  });
}
