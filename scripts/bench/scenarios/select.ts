/** SELECT of a large mailbox: by the first client after a start, by new connections, again and again. */
import { quantile, timed } from "../measure.ts";
import { LARGE, prepareLarge, select } from "../mailboxes.ts";
import type { Scenario } from "../run.ts";

export const selectLarge: Scenario = {
  name: "select",
  title: "SELECT of the large mailbox",
  rounds: [2, 3],
  prepare: prepareLarge,
  async measure(run) {
    const count = run.scale.large;
    await run.server.restart();
    const first = await run.login();
    run.cost("after a restart", await timed(() => select(first, LARGE, count)), "ms");
    await run.logout(first);

    const byNew: number[] = [];
    for (let at = 0; at < 20; at++) {
      const client = await run.login();
      byNew.push(await timed(() => select(client, LARGE, count)));
      await run.logout(client);
    }
    run.cost("warm, new connection, p50", quantile(byNew, 0.5), "ms");
    run.cost("warm, new connection, p99", quantile(byNew, 0.99), "ms");

    const again: number[] = [];
    const client = await run.login();
    for (let at = 0; at < 100; at++) {
      again.push(await timed(() => select(client, LARGE, count)));
      await client.ok("UNSELECT");
    }
    run.cost("warm, same connection, p50", quantile(again, 0.5), "ms");
    run.cost("warm, same connection, p99", quantile(again, 0.99), "ms");
    await run.logout(client);
  },
};
