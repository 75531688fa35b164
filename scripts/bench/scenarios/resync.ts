/** A client comes back after changes: with QRESYNC (RFC 7162 §3.2), and without anything known. */
import { equal } from "../check.ts";
import { LARGE, prepareLarge, select } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

const KEYWORD = "$BenchChanged";

export const resync: Scenario = {
  name: "resync",
  title: "Back in the large mailbox after the flags of 1 % of its messages have changed",
  rounds: [2, 3],
  prepare: prepareLarge,
  async measure(run) {
    const count = run.scale.large;
    const before = await run.login();
    await before.ok("ENABLE QRESYNC");
    const { untagged } = await select(before, LARGE, count);
    const [, validity] = /UIDVALIDITY (\d+)/.exec(untagged.join("\n")) ?? [];
    const [, modseq] = /HIGHESTMODSEQ (\d+)/.exec(untagged.join("\n")) ?? [];
    await run.logout(before);
    await change(run, count);
    await withQresync(run, count, `${validity} ${modseq}`);
    await full(run, count);
  },
};

async function change(run: Run, count: number): Promise<void> {
  const client = await run.login();
  await select(client, LARGE, count);
  const numbers = Array.from({ length: count / 100 }, (_, at) => at * 100 + 50);
  for (let at = 0; at < numbers.length; at += 200) {
    await client.ok(`STORE ${numbers.slice(at, at + 200).join(",")} +FLAGS.SILENT (${KEYWORD})`);
  }
  await run.logout(client);
}

async function withQresync(run: Run, count: number, known: string): Promise<void> {
  const client = await run.login();
  await client.ok("ENABLE QRESYNC");
  let answer = { fetches: 0, bytes: 0 };
  const measured = await run.measure(async () => answer = await select(client, LARGE, count, ` (QRESYNC (${known}))`));
  equal(answer.fetches, count / 100, "FETCH responses to SELECT with QRESYNC");
  run.cost("QRESYNC", measured.ms, "ms", measured);
  run.cost("QRESYNC", answer.bytes, "bytes");
  await run.logout(client);
}

async function full(run: Run, count: number): Promise<void> {
  const client = await run.login();
  let bytes = 0;
  const measured = await run.measure(async () => {
    bytes = (await select(client, LARGE, count)).bytes;
    const answer = await client.ok("UID FETCH 1:* (FLAGS)");
    equal(answer.fetches, count, "FETCH responses");
    bytes += answer.bytes;
  });
  run.cost("full", measured.ms, "ms", measured);
  run.cost("full", bytes, "bytes");
  await client.ok(`STORE 1:* -FLAGS.SILENT (${KEYWORD})`);
  await run.logout(client);
}
