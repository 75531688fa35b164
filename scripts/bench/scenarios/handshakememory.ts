/** Memory of the server before and after many handshakes, half of them resumed. */
import { times } from "../measure.ts";
import { Opener } from "../opener.ts";
import type { Scenario } from "../run.ts";

export const handshakeMemory: Scenario = {
  name: "handshake-memory",
  title: "Memory after many handshakes",
  rounds: [1, 1],
  alone: true,
  async measure(run) {
    using opener = new Opener(run.server.imapsPort, "TLSv1.3");
    await opener.keepSession();
    const { handshakes } = run.scale;
    const many = (count: number) => times(count, 8, async (at) => void await opener.once(at % 2 === 0));
    await many(Math.ceil(handshakes / 10)); // what is filled once and kept
    run.cost("after the first handshakes", run.memory() / 2 ** 20, "MiB");
    await many(handshakes);
    run.cost(`after ${handshakes} more`, run.memory() / 2 ** 20, "MiB");
  },
};
