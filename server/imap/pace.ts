/** Long work gives way: other sessions of this thread get a turn every few milliseconds. */
import { setImmediate } from "node:timers/promises";

/** ms of work between turns. */
const TURN = 10;
/**
 * While it has work the runtime looks for bytes that came only every 61st turn of its loop (`event_interval` of tokio): after one turn alone, a
 * command from another session waited for 60 such pieces of work. A turn without work takes 2 µs; a timer would idle for two ms.
 */
const IO_EVERY = 61;

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
    for (let turn = 0; turn < IO_EVERY; turn++) await setImmediate();
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
