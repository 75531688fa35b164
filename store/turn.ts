/** Long work lets others have the thread between its pieces. */
import { setImmediate } from "node:timers/promises";

/**
 * While it has work the runtime looks for bytes that came only every 61st turn of its loop (`event_interval` of tokio): after one turn alone, a
 * command from another session waited for 60 pieces of work. A turn without work takes 2 µs; a timer would idle for two ms.
 */
const IO_EVERY = 61;

/** Lets everything else that waits run, and what came from other clients be seen. */
export async function giveWay(): Promise<void> {
  for (let turn = 0; turn < IO_EVERY; turn++) await setImmediate();
}
