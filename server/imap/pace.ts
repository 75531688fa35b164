/** Long work gives way: other sessions of this thread get a turn every few milliseconds. */
import { giveWay } from "../../store/turn.ts";

/** ms of work between turns. */
const TURN = 10;
/** So many commands look at the clock once. */
const FEW = 16;

export class Pace {
  #started = performance.now();

  /** It is time to give way. Costs a clock reading: ask every few microseconds of work, not in the innermost loop. */
  get due(): boolean {
    return performance.now() - this.#started > TURN;
  }

  /** Lets everything else that waits run, and what came from other clients be seen. */
  async giveWay(): Promise<void> {
    await giveWay();
    this.#started = performance.now();
  }
}

const commands = new Pace();
let ran = 0;

/**
 * After each command. What can be read or written at once does not turn the event loop, so a client that pipelines cheap commands without
 * end would leave the others no turn. All connections of the thread share the count: where several do so, all give way at once.
 */
export function commandRan(): Promise<void> | undefined {
  if (++ran % FEW === 0 && commands.due) return commands.giveWay();
}
