/** Connect, handshake, greeting, close; with a session taken up and without. */
import { rate } from "../measure.ts";
import { Opener } from "../opener.ts";
import type { Run, Scenario } from "../run.ts";

export const handshakes: Scenario = {
  name: "handshakes",
  title: "TLS: connect, handshake, greeting, close",
  rounds: [2, 3],
  async measure(run) {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      using opener = new Opener(run.server.imapsPort, version);
      await several(run, `${version} full`, () => opener.once(false));
      await opener.keepSession();
      await several(run, `${version} with a session`, () => opener.once(true));
    }
  },
};

async function several(run: Run, what: string, work: () => Promise<boolean>): Promise<void> {
  for (const width of [1, 8]) {
    let taken = 0;
    let all = 0;
    let value = 0;
    const measured = await run.measure(async () => {
      value = await rate(run.scale.doorSeconds, width, async () => {
        if (await work()) taken++;
        all++;
      });
    });
    run.rate(`${what}, ${width} at once`, value, "1/s", measured);
    if (taken > 0) run.rate(`sessions taken up, ${what}, ${width} at once`, taken / all * 100, "%");
  }
}
