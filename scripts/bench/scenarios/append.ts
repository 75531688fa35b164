/** APPEND in the ways clients do it. */
import { checkSize, eachMessage, equal } from "../check.ts";
import { ANY, facts, type Message, messages } from "../corpus.ts";
import type { ImapClient } from "../imapclient.ts";
import { appendAhead, appendMany, appendSynchronising, newMailbox, select } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

const ACCOUNTS = 8;
/** The first of them. */
const FIRST = 1;

export const append: Scenario = {
  name: "append",
  title: "APPEND of messages of 1 KiB to 5 MiB",
  rounds: [2, 3],
  async measure(run) {
    const all = [...messages(ANY, 0, run.scale.appended)];
    const one = async (what: string, append: (client: ImapClient, mailbox: string) => Promise<void>) => {
      const client = await run.login(FIRST);
      const mailbox = await newMailbox(client);
      const measured = await run.measure(() => append(client, mailbox));
      await checkAppended(client, mailbox, all);
      run.rate(what, all.length / measured.ms * 1000, "messages/s", measured);
      await run.logout(client);
    };
    await one("synchronising literals", (client, mailbox) => appendSynchronising(client, mailbox, all));
    await one("LITERAL+, 32 on their way", (client, mailbox) => appendAhead(client, mailbox, all));
    await one("MULTIAPPEND of 100", (client, mailbox) => appendMany(client, mailbox, all));
    await toAccounts(run, all);
    run.cost("put off until no more come, CPU for each message", await run.rest() / (4 * all.length), "ms");
  },
};

async function toAccounts(run: Run, all: readonly Message[]): Promise<void> {
  const each = Math.floor(all.length / ACCOUNTS);
  const parts = Array.from({ length: ACCOUNTS }, (_, at) => all.slice(at * each, (at + 1) * each));
  const clients = await Promise.all(parts.map((_, at) => run.login(FIRST + at)));
  const mailboxes = await Promise.all(clients.map((client) => newMailbox(client)));
  const measured = await run.measure(() =>
    Promise.all(clients.map((client, at) => appendAhead(client, mailboxes[at], parts[at], 8)))
  );
  for (const [at, client] of clients.entries()) await checkAppended(client, mailboxes[at], parts[at]);
  run.rate(`to ${ACCOUNTS} accounts, LITERAL+`, each * ACCOUNTS / measured.ms * 1000, "messages/s", measured);
  await run.logout(...clients);
}

async function checkAppended(client: ImapClient, mailbox: string, appended: readonly Message[]): Promise<void> {
  await select(client, mailbox, appended.length);
  const { kept } = await client.ok("FETCH 1:* (RFC822.SIZE)", true);
  const known = facts(ANY, appended[0].number + appended.length);
  eachMessage(kept, appended.length, (at, items) => {
    equal(known[appended[at].number].size, appended[at].size, "the corpus");
    checkSize(items, appended[at]);
  });
  await client.ok("CLOSE");
}
