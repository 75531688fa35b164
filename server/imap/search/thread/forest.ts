/**
 * Threads as trees of small numbers: messages are 0 to count-1, dummies (parents that are not there) have numbers from count on.
 * Siblings are linked lists, so that whatever headers say, nothing here costs more than the number of messages, and nothing recurs.
 */
import type { Encoder } from "../../wire/encoder.ts";

const NONE = -1;

/** Messages in the order of their numbers, by what threads are made of. */
export interface Messages {
  readonly count: number;
  /** Hash of the Message-ID, empty without one; see ColumnTypes. */
  readonly ids: readonly string[];
  /** Such hashes, of 8 characters each. */
  readonly references: readonly string[];
  /** Keys of the comparator. */
  readonly subjects: readonly string[];
  readonly isReply: Uint8Array;
  /** Place of each message in the order of dates, all different. */
  readonly ranks: Uint32Array;
}

export class Forest {
  roots: number[] = [];
  #nodes: number;
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #next: number[] = [];

  constructor(readonly count: number) {
    this.#nodes = count;
    for (let node = 0; node < count; node++) this.#clear(node);
  }

  #clear(node: number): void {
    this.#first[node] = this.#last[node] = this.#next[node] = NONE;
  }

  addDummy(): number {
    this.#clear(this.#nodes);
    return this.#nodes++;
  }

  isDummy(node: number): boolean {
    return node >= this.count;
  }

  /** -1: none. */
  firstChild(node: number): number {
    return this.#first[node];
  }

  hasOneChild(node: number): boolean {
    return this.#first[node] !== NONE && this.#first[node] === this.#last[node];
  }

  *children(node: number): Generator<number> {
    for (let child = this.#first[node]; child !== NONE; child = this.#next[child]) yield child;
  }

  /** `child` must have no parent. */
  append(parent: number, child: number): void {
    if (this.#first[parent] === NONE) this.#first[parent] = child;
    else this.#next[this.#last[parent]] = child;
    this.#last[parent] = child;
    this.#next[child] = NONE;
  }

  /** Gives `to` the children of `from` behind its own. */
  moveChildren(from: number, to: number): void {
    if (this.#first[from] === NONE) return;
    if (this.#first[to] === NONE) this.#first[to] = this.#first[from];
    else this.#next[this.#last[to]] = this.#first[from];
    this.#last[to] = this.#last[from];
    this.#first[from] = this.#last[from] = NONE;
  }

  sortChildren(node: number, ranks: Uint32Array): void {
    const sorted = [...this.children(node)].sort((a, b) => ranks[a] - ranks[b]);
    this.#first[node] = this.#last[node] = NONE;
    for (const child of sorted) this.append(node, child);
  }
}

const CLOSE = -2;

/** `(3 6 (4 23)(44 7 96))`, for all threads (RFC 5256 §4). @param number tells a message; @param flushed is called now and then */
export async function writeForest(
  out: Encoder,
  forest: Forest,
  number: (message: number) => number,
  flushed: () => Promise<void>,
): Promise<void> {
  const stack: number[] = [];
  for (const root of forest.roots) {
    stack.push(root);
    while (stack.length > 0) {
      const top = stack.pop() as number;
      if (top === CLOSE) {
        out.ascii(")");
        continue;
      }
      out.ascii("(");
      let node = top;
      if (!forest.isDummy(node)) {
        out.number(number(node));
        for (; forest.hasOneChild(node); node = forest.firstChild(node)) {
          out.sp().number(number(forest.firstChild(node)));
        }
        if (forest.firstChild(node) !== NONE) out.sp();
      }
      stack.push(CLOSE);
      const at = stack.length;
      for (const child of forest.children(node)) stack.push(child);
      reverse(stack, at);
      await flushed();
    }
  }
}

function reverse(stack: number[], from: number): void {
  for (let i = from, j = stack.length - 1; i < j; i++, j--) [stack[i], stack[j]] = [stack[j], stack[i]];
}
