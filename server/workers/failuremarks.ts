/**
 * Networks from which a login has failed, in memory that all threads share: whether an address is refused needs to be asked only for those.
 * Networks share marks, and marks stay: the worst is a needless question.
 */
import { addressClasses } from "../../auth/addressclasses.ts";

const MARKS = 4096;

export class FailureMarks {
  readonly #marks: Uint8Array;

  constructor(readonly memory = new SharedArrayBuffer(MARKS)) {
    this.#marks = new Uint8Array(memory);
  }

  add(remote: string): void {
    const place = placeOf(remote);
    if (place !== undefined) Atomics.store(this.#marks, place, 1);
  }

  has(remote: string): boolean {
    const place = placeOf(remote);
    return place !== undefined && Atomics.load(this.#marks, place) === 1;
  }
}

/** By the widest network, which the narrower ones are in; "local" has none. */
function placeOf(remote: string): number | undefined {
  const key = addressClasses(remote).at(-1)?.key;
  if (key === undefined) return undefined;
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (hash * 31 + key.charCodeAt(at)) % 0x1000000;
  return hash % MARKS;
}
