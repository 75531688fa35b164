/** `--start`: how long Roost takes until it listens, and its memory then, by the number of accounts. */
import { serverWithAccounts } from "./accounts.ts";
import { ImapClient } from "./imapclient.ts";
import { median, sleep } from "./measure.ts";
import { memoryOf } from "./process.ts";
import type { Start } from "./report.ts";
import { connectPlain } from "./stream.ts";

const SIZES = [10, 1_000, 10_000];
const ROUNDS = 5;

export async function measureStarts(): Promise<Start[]> {
  const starts: Start[] = [];
  for (const accounts of SIZES) {
    await using server = await serverWithAccounts(accounts);
    const took: number[] = [];
    const greeted: number[] = [];
    const memory: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now();
      await server.restart();
      took.push(performance.now() - begun);
      const client = await ImapClient.over(await connectPlain(server.imapPort));
      greeted.push(performance.now() - begun);
      await client.logout();
      await sleep(500);
      memory.push(memoryOf(server.pid));
      await server.stop();
    }
    starts.push({ accounts, ms: median(took), greeted: median(greeted), memory: median(memory) });
    console.error(`${accounts} accounts: ${took.map(Math.round).join(", ")} ms`);
  }
  return starts;
}
