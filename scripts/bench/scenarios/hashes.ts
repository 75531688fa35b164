/** How long a NOOP of somebody takes while eight others try wrong passwords without end: each costs the server a full hash. */
import { equal } from "../check.ts";
import { ImapClient } from "../imapclient.ts";
import { quantile, rate, sleep } from "../measure.ts";
import { connectTls, type Run, type Scenario } from "../run.ts";
import { userName } from "../servers.ts";

export const hashes: Scenario = {
  name: "hashes",
  title: "NOOP while eight others try wrong passwords (which Dovecot answers 2 s later, so that it hashes far fewer)",
  rounds: [1, 3],
  async measure(run) {
    const watcher = await run.login(0, "tls");
    const took: number[] = [];
    let over = false;
    const noops = async () => {
      while (!over) {
        const start = performance.now();
        await watcher.ok("NOOP");
        took.push(performance.now() - start);
        await sleep(2);
      }
    };
    await Promise.all([noops(), wrongPasswords(run).finally(() => over = true)]);
    await run.logout(watcher);
    run.cost("NOOP, p50", quantile(took, 0.5), "ms");
    run.cost("NOOP, p99", quantile(took, 0.99), "ms");
  },
};

function wrongPasswords(run: Run): Promise<number> {
  return rate(run.scale.doorSeconds, 8, async (number) => {
    const client = await ImapClient.over(await connectTls(run.server.imapsPort));
    const { status } = await client.command(`LOGIN ${userName(number)} wrong${number}`);
    equal(status, "NO", "answer to a wrong password");
    client.close();
  });
}
