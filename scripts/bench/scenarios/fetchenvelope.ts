/** What a client shows in its list of messages: for the first time, and again. */
import { ascendingUids, checkEnvelope, eachMessage } from "../check.ts";
import { facts, LIGHT, messages } from "../corpus.ts";
import { fetchTimed } from "../fetching.ts";
import { appendMany, LARGE, newMailbox, prepareLarge } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

const command = "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)";

export const fetchEnvelope: Scenario = {
  name: "fetch-envelope",
  title: command,
  rounds: [2, 3],
  prepare: prepareLarge,
  async measure(run) {
    const client = await run.login();
    const [mailbox, another] = [await newMailbox(client), await newMailbox(client)];
    await appendMany(client, another, messages(LIGHT, 0, run.scale.fresh));
    await one(run, "new messages, as soon as they have come", another, run.scale.fresh, true);
    await appendMany(client, mailbox, messages(LIGHT, 0, run.scale.fresh));
    await run.logout(client);
    await run.server.restart();
    await one(run, "new messages, for the first time", mailbox, run.scale.fresh, true);
    await one(run, "new messages, again", mailbox, run.scale.fresh);
    await one(run, "large mailbox, again", LARGE, run.scale.large);
    await run.rest();
  },
};

async function one(run: Run, what: string, mailbox: string, count: number, cold = false): Promise<void> {
  const { measured, kept } = await fetchTimed(run, { mailbox, count, command, cold });
  const known = facts(LIGHT, count);
  const checkUid = ascendingUids();
  eachMessage(kept, count, (at, items) => {
    checkUid(items);
    checkEnvelope(items, known[at]);
  });
  run.rate(what, count / measured.ms * 1000, "messages/s", measured);
}
