/** STORE on all messages of a mailbox, and on one after another. */
import { checkFlags, eachMessage, equal } from "../check.ts";
import { facts, LIGHT } from "../corpus.ts";
import type { ImapClient } from "../imapclient.ts";
import { median, timed } from "../measure.ts";
import { prepareStored, select, STORED } from "../mailboxes.ts";
import type { Scenario } from "../run.ts";

/** No message of the corpus has it. */
const FLAG = "\\Draft";
const SINGLE = 1000;

export const store: Scenario = {
  name: "store",
  title: "STORE on all messages, and on one after another",
  rounds: [2, 5],
  prepare: prepareStored,
  async measure(run) {
    const count = run.scale.stored;
    const client = await run.login();
    await select(client, STORED, count);
    await client.ok(`STORE 1:* -FLAGS.SILENT (${FLAG})`);
    const known = facts(LIGHT, count);
    const set: number[] = [];
    const cleared: number[] = [];
    const all = await run.repeat(async (number) => {
      let kept;
      set.push(await timed(async () => kept = (await client.ok(`STORE 1:* +FLAGS (${FLAG})`, true)).kept));
      if (number === 0) {
        eachMessage(kept, count, (at, items) => checkFlags(items, [...known[at].flags, FLAG], at));
        equal(await hits(client), count, "hits of SEARCH after +FLAGS");
      }
      cleared.push(await timed(() => client.ok(`STORE 1:* -FLAGS.SILENT (${FLAG})`)));
      if (number === 0) equal(await hits(client), 0, "hits of SEARCH after -FLAGS");
    });
    run.rate("+FLAGS on all", count / median(set) * 1000, "messages/s", all);
    run.rate("-FLAGS.SILENT on all", count / median(cleared) * 1000, "messages/s", all);

    const single = Math.min(count, SINGLE);
    let told = 0;
    const measured = await run.measure(async () => {
      for (let at = 1; at <= single; at++) told += (await client.ok(`STORE ${at} +FLAGS (${FLAG})`)).fetches;
    });
    equal(told, single, "FETCH responses to single STOREs");
    equal(await hits(client), single, "hits of SEARCH after single STOREs");
    run.rate("one after another", single / measured.ms * 1000, "commands/s", measured);
    await client.ok(`STORE 1:* -FLAGS.SILENT (${FLAG})`);
    await run.logout(client);
  },
};

async function hits(client: ImapClient): Promise<number> {
  const { untagged } = await client.ok("SEARCH DRAFT");
  const line = untagged.find((response) => response.startsWith("SEARCH")) ?? "";
  return line.replace(/\(MODSEQ \d+\)/i, "").trim().split(" ").length - 1;
}
