/** What an idle TLS connection costs the server's memory, and that thousands can be held. */
import { check, equal } from "../check.ts";
import type { ImapClient } from "../imapclient.ts";
import { sleep, times } from "../measure.ts";
import type { Run, Scenario } from "../run.ts";

/** Seconds that memory may take to settle: hibernation, garbage collection. */
const LONGEST = 60;

export const idleMemory: Scenario = {
  name: "idle-memory",
  title: "TLS connections in IDLE on INBOX, over all accounts: memory of the server (PSS)",
  rounds: [1, 1],
  async measure(run) {
    for (const count of run.scale.idle) await hold(run, count);
    if (run.scale.held > 0) await hold(run, run.scale.held);
  },
};

async function hold(run: Run, count: number): Promise<void> {
  await run.server.restart();
  await sleep(500);
  const before = run.memory();
  const clients: ImapClient[] = [];
  const ends: (() => Promise<{ status: string }>)[] = [];
  const measured = await run.measure(() =>
    times(count, 16, async (number) => {
      const client = await run.login(number, "tls");
      clients.push(client);
      await client.ok("SELECT INBOX");
      ends.push(await client.idle());
    })
  );
  const after = await settled(run);
  check(clients.every(({ closed }) => !closed), "idle connections were closed");
  await times(ends.length, 64, async (at) => equal((await ends[at]()).status, "OK", "the end of IDLE"));
  run.cost(`${count} connections, each`, (after - before) / count / 1024, "KiB");
  run.rate(`${count} connections, begun`, count / measured.ms * 1000, "1/s", measured);
  await run.logout(...clients);
}

/** The memory when it has stopped to change. */
async function settled(run: Run): Promise<number> {
  let last = run.memory();
  for (let second = 1, calm = 0; second <= LONGEST && (second <= run.scale.settling || calm < 3); second++) {
    await sleep(1000);
    const now = run.memory();
    calm = Math.abs(now - last) < last * 0.005 ? calm + 1 : 0;
    last = now;
  }
  return last;
}
