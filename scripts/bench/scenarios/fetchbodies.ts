/** Whole messages: many, and a large one again and again. */
import { Buffer } from "node:buffer";
import { check, eachMessage, equal } from "../check.ts";
import { ANY, facts, largeMessage, message } from "../corpus.ts";
import type { Answer, ImapClient } from "../imapclient.ts";
import { appendAhead, messagesIn, MIDDLE, prepareMiddle, select } from "../mailboxes.ts";
import { peakOf, resetPeak } from "../process.ts";
import type { Run, Scenario } from "../run.ts";

const ONE = "bench-one";
const TIMES = 8;

export const fetchBodies: Scenario = {
  name: "fetch-bodies",
  title: "BODY.PEEK[] of many messages, and of a large one",
  rounds: [2, 3],
  async prepare(run) {
    await prepareMiddle(run);
    const client = await run.login();
    const { status } = await client.command(`CREATE ${ONE}`);
    if (status === "OK") await appendAhead(client, ONE, [largeMessage(run.scale.one)]);
    equal(await messagesIn(client, ONE), 1, `messages in ${ONE}`);
    await run.logout(client);
  },
  async measure(run) {
    for (const how of ["plain", "tls"] as const) {
      const client = await run.login(0, how);
      await many(run, client, how);
      await large(run, client, how);
      await run.logout(client);
    }
  },
};

async function many(run: Run, client: ImapClient, how: string): Promise<void> {
  const count = run.scale.bodies;
  const bytes = facts(ANY, count).reduce((sum, { size }) => sum + size, 0);
  await select(client, MIDDLE, run.scale.middle);
  const measured = await run.repeat(async () => {
    const { fetches, literalBytes } = await client.ok(`FETCH 1:${count} BODY.PEEK[]`);
    equal(fetches, count, "FETCH responses");
    equal(literalBytes, bytes, "bytes in literals");
  });
  if (run.round === 0) {
    const { kept } = await client.ok(`FETCH 1:${count} BODY.PEEK[]`, true);
    eachMessage(kept, count, (at, items) => {
      const body = items.get("BODY[]");
      check(Buffer.isBuffer(body) && body.equals(message(ANY, at).bytes), `message ${at + 1} is not what was appended`);
    });
  }
  run.rate(`${count} messages, ${how}`, bytes / 1e6 / measured.ms * 1000, "MB/s", measured);
}

async function large(run: Run, client: ImapClient, how: string): Promise<void> {
  const expected = largeMessage(run.scale.one).bytes;
  await select(client, ONE, 1);
  resetPeak(run.server.pid);
  const before = peakOf(run.server.pid);
  let last: Answer | undefined;
  const measured = await run.measure(async () => {
    for (let at = 1; at <= TIMES; at++) {
      last = await client.ok("FETCH 1 BODY.PEEK[]", at === TIMES);
      equal(last.literalBytes, expected.length, "bytes of the large message");
    }
  });
  const more = peakOf(run.server.pid) - before;
  eachMessage(last?.kept, 1, (_, items) => {
    const body = items.get("BODY[]");
    check(Buffer.isBuffer(body) && body.equals(expected), "the large message is not what was appended");
  });
  run.rate(
    `one of ${Math.round(run.scale.one / 2 ** 20)} MiB, ${how}`,
    TIMES * expected.length / 1e6 / measured.ms * 1000,
    "MB/s",
    measured,
  );
  run.cost(`one of ${Math.round(run.scale.one / 2 ** 20)} MiB, ${how}, memory more, at most`, more / 2 ** 20, "MiB");
}
