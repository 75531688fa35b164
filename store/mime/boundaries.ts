/**
 * The boundaries of the multiparts that are open, innermost last. A line is compared with all of them at once, so deep nesting
 * costs nothing; it must hold the whole boundary and nothing else (so one may be the prefix of another), but for trailing blanks.
 */
import { toLatin1 } from "./latin1.ts";

export interface Delimiter {
  /** Which multipart it belongs to, as given by push. */
  readonly level: number;
  /** `--boundary--`: the last one. */
  readonly closing: boolean;
}

const MAX_TRAILING_BLANKS = 1000;

export class Boundaries {
  readonly #levels = new Map<string, number[]>();
  readonly #stack: string[] = [];
  /** How many open boundaries have each length. */
  readonly #lengths = new Map<number, number>();
  #closed = false;
  /** No longer line can be a boundary. */
  longestLine = 0;

  /** Opens a multipart; returns its level. */
  push(boundary: string): number {
    const level = this.#stack.push(boundary) - 1;
    const levels = this.#levels.get(boundary);
    if (levels === undefined) this.#levels.set(boundary, [level]);
    else levels.push(level);
    this.#lengths.set(boundary.length, (this.#lengths.get(boundary.length) ?? 0) + 1);
    this.longestLine = Math.max(this.longestLine, boundary.length + 4 + MAX_TRAILING_BLANKS);
    return level;
  }

  pop(): void {
    const boundary = this.#stack.pop();
    if (boundary === undefined) return;
    const levels = this.#levels.get(boundary) ?? [];
    levels.pop();
    if (levels.length === 0) this.#levels.delete(boundary);
    const left = (this.#lengths.get(boundary.length) ?? 1) - 1;
    if (left === 0) this.#lengths.delete(boundary.length);
    else this.#lengths.set(boundary.length, left);
  }

  /** From here on no line is a boundary. */
  close(): void {
    this.#closed = true;
  }

  /** `line` begins with two dashes and has no line end. */
  match(line: Uint8Array): Delimiter | undefined {
    if (this.#closed || this.#stack.length === 0) return undefined;
    let end = line.length;
    while (end > 2 && isBlank(line[end - 1])) end--;
    const length = end - 2;
    const mayOpen = this.#lengths.has(length);
    const mayClose = length > 2 && line[end - 1] === DASH && line[end - 2] === DASH && this.#lengths.has(length - 2);
    if (!mayOpen && !mayClose) return undefined;
    const text = toLatin1(line.subarray(2, end));
    const opens = mayOpen ? this.#levels.get(text)?.at(-1) ?? -1 : -1;
    const closes = mayClose ? this.#levels.get(text.slice(0, -2))?.at(-1) ?? -1 : -1;
    if (opens < 0 && closes < 0) return undefined;
    return opens > closes ? { level: opens, closing: false } : { level: closes, closing: true };
  }
}

const DASH = 0x2d;

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
