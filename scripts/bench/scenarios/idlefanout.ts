/** Fifty clients of one account in IDLE, and a new message: how long until each is told. */
import { equal } from "../check.ts";
import { message, SHORT } from "../corpus.ts";
import type { ImapClient } from "../imapclient.ts";
import { quantile, sleep, times, within } from "../measure.ts";
import { appendAhead, newMailbox, select } from "../mailboxes.ts";
import type { Scenario } from "../run.ts";

const WIDTH = 50;
const USER = 9;

export const idleFanout: Scenario = {
  name: "idle-fanout",
  title: `${WIDTH} connections in IDLE on one mailbox, and an APPEND: until each is told`,
  rounds: [2, 3],
  async measure(run) {
    const writer = await run.login(USER);
    const mailbox = await newMailbox(writer);
    const clients: ImapClient[] = [];
    await times(WIDTH, 8, async () => {
      const client = await run.login(USER);
      await select(client, mailbox, 0);
      clients.push(client);
    });
    const ends = await Promise.all(clients.map((client) => client.idle()));
    await sleep(200);
    const took: number[] = [];
    const last: number[] = [];
    for (let round = 1; round <= run.scale.fanoutRounds; round++) {
      const start = performance.now();
      const told = clients.map((client) => existing(client, round).then(() => took.push(performance.now() - start)));
      await appendAhead(writer, mailbox, [message(SHORT, round)]);
      await within(60, `message ${round} is told to all in IDLE`, Promise.all(told));
      last.push(performance.now() - start);
      await sleep(100);
    }
    for (const end of ends) equal((await end()).status, "OK", "the end of IDLE");
    run.cost("each, p50", quantile(took, 0.5), "ms");
    run.cost("each, p99", quantile(took, 0.99), "ms");
    run.cost("all, p50", quantile(last, 0.5), "ms");
    await run.logout(...clients, writer);
  },
};

function existing(client: ImapClient, expected: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client.onExists = (count) => {
    if (count === expected) resolve();
  };
  return promise;
}
