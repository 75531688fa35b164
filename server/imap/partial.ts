/** `PARTIAL 1:100` and `PARTIAL -1:-100`: a part of a result, counted from its first or its last message (RFC 9394). */
import type { Span } from "./selected.ts";
import { spanLength } from "./selected.ts";
import type { Decoder } from "./wire/decoder.ts";

export interface PartialRange {
  /** 1 <= first <= last, whichever way the client wrote it. */
  readonly first: number;
  readonly last: number;
  /** Counted from the last message backwards. */
  readonly fromEnd: boolean;
  /** As the client wrote it; answers repeat it. */
  readonly text: string;
}

/** `partial-range`. @throws {BadError} */
export function parsePartialRange(d: Decoder): PartialRange {
  const fromEnd = d.tryByte("-");
  const a = d.nzNumber();
  d.byte(":");
  if (fromEnd) d.byte("-");
  const b = d.nzNumber();
  const sign = fromEnd ? "-" : "";
  return { first: Math.min(a, b), last: Math.max(a, b), fromEnd, text: `${sign}${a}:${sign}${b}` };
}

/** Which of `count` things, as positions [from, to); both the same where the range lies beyond them. */
export function partialWindow({ first, last, fromEnd }: PartialRange, count: number): Span {
  const from = Math.min(first - 1, count);
  const to = Math.min(last, count);
  return fromEnd ? { from: count - to, to: count - from } : { from, to };
}

/** The messages of ascending spans that the range names. */
export function partialSpans(spans: readonly Span[], range: PartialRange): Span[] {
  return windowOf(spans, partialWindow(range, spanLength(spans)));
}

/** The messages of the spans at [from, to) when all are counted through. */
export function windowOf(spans: readonly Span[], { from, to }: Span): Span[] {
  const part: Span[] = [];
  let before = 0;
  for (const span of spans) {
    const start = span.from + Math.max(0, from - before);
    const end = Math.min(span.to, span.from + to - before);
    if (start < end) part.push({ from: start, to: end });
    before += span.to - span.from;
  }
  return part;
}
