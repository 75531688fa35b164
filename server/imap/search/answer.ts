/**
 * SEARCH, SORT and ESEARCH responses, and what `$` gets (RFC 9051 §7.3.4, RFC 4731 §3, RFC 5182 §2.4, RFC 5256 §4, RFC 5267,
 * RFC 7162 §3.1.6 and §3.1.10, RFC 7377 §2.1, RFC 9394 §3.2).
 */
import type { UidRanges } from "../../../store/mod.ts";
import type { MailboxName } from "../../../store/types.ts";
import type { Selected } from "../selected.ts";
import type { Encoder } from "../wire/encoder.ts";
import { rangesOf } from "../wire/sequence.ts";
import { partialWindow } from "../partial.ts";
import type { ReturnOptions } from "./returns.ts";

/** Messages found, as positions of the client's list, in the order in which they are told. */
export interface Result {
  readonly selected: Selected;
  readonly positions: Uint32Array;
  /** Messages are told by their UIDs. */
  readonly uid: boolean;
  /** The criteria hold MODSEQ, so the highest modseq of what is returned has to be told. */
  readonly withModSeq: boolean;
  /** 1 to 100 for each of `positions`, where they are asked for (RFC 6203 §4). */
  readonly scores?: Uint8Array;
}

/** What an ESEARCH response answers; the mailbox is named to commands that search several (RFC 7377 §2.1). */
export interface Correlator {
  readonly tag: string;
  readonly mailbox?: { readonly name: MailboxName; readonly uidValidity: number; readonly utf8: boolean };
}

/** `* SEARCH 2 5 (MODSEQ 917)`, or the same as `* SORT`. */
export function writeSearch(out: Encoder, result: Result, name: "SEARCH" | "SORT" = "SEARCH"): void {
  out.ascii(`* ${name}`);
  for (const position of result.positions) out.sp().number(numberOf(result, position));
  const modseq = highestModSeq(result, result.positions);
  if (modseq !== undefined) out.ascii(` (MODSEQ ${modseq})`);
  out.crlf();
}

/** `* ESEARCH (TAG "a") UID`, to be followed by data and the line end. */
export function beginESearch(out: Encoder, { tag, mailbox }: Correlator, uid: boolean): void {
  out.ascii("* ESEARCH (TAG ").quoted(tag);
  if (mailbox) {
    out.ascii(" MAILBOX ").mailbox(mailbox.name, mailbox.utf8).ascii(" UIDVALIDITY ").number(mailbox.uidValidity);
  }
  out.ascii(")");
  if (uid) out.ascii(" UID");
}

/** `* ESEARCH (TAG "a") UID MIN 2 ALL 2,5:7 MODSEQ 917`; nothing where only SAVE was asked for. */
export function writeESearch(out: Encoder, correlator: Correlator, options: ReturnOptions, result: Result): void {
  const { min, max, all, count, save, partial, relevancy, update } = options;
  if (save && !min && !max && !all && !count && !partial && !relevancy && !update) return;
  const { positions, uid, scores } = result;
  beginESearch(out, correlator, uid);
  if (positions.length > 0) {
    if (min) out.ascii(" MIN ").number(numberOf(result, positions[0]));
    if (max) out.ascii(" MAX ").number(numberOf(result, positions[positions.length - 1]));
    if (all) writeSet(out.ascii(" ALL "), result, 0, positions.length);
  }
  const window = partial ? partialWindow(partial, positions.length) : { from: 0, to: positions.length };
  if (partial) {
    out.ascii(` PARTIAL (${partial.text} `);
    if (window.from < window.to) writeSet(out, result, window.from, window.to);
    else out.ascii("NIL");
    out.ascii(")");
  }
  if (relevancy && scores) out.ascii(` RELEVANCY (${scores.subarray(window.from, window.to).join(" ")})`);
  if (count) out.ascii(" COUNT ").number(positions.length);
  const modseq = highestModSeq(result, returned(options, positions));
  if (modseq !== undefined) out.ascii(" MODSEQ ").number(modseq);
  out.crlf();
}

/** What `$` becomes by RETURN (SAVE …) (RFC 9051 table 4, RFC 9394 table 1). */
export function savedRanges(options: ReturnOptions, { selected, positions }: Result): UidRanges {
  const ascending = returned(options, positions).toSorted();
  return rangesOf(Array.from(ascending, (position) => selected.uidAt(position)));
}

/** MIN, MAX and PARTIAL without ALL and COUNT stand for the messages that they name; SAVE alone for all. */
function returned({ min, max, all, count, partial }: ReturnOptions, positions: Uint32Array): Uint32Array {
  if (all || count || !(min || max || partial) || positions.length === 0) return positions;
  const { from, to } = partial ? partialWindow(partial, positions.length) : { from: 0, to: 0 };
  const named = new Set(positions.subarray(from, to));
  if (min) named.add(positions[0]);
  if (max) named.add(positions[positions.length - 1]);
  return Uint32Array.from(named);
}

function numberOf({ selected, uid }: Result, position: number): number {
  return uid ? selected.uidAt(position) : position + 1;
}

function writeSet(out: Encoder, result: Result, from: number, to: number): void {
  writeNumbers(out, to - from, (i) => numberOf(result, result.positions[from + i]));
}

/**
 * `2,5:7`. Neighbours whose numbers ascend one by one are told as a range, so the set keeps the order of a sort (RFC 5267 §3.2).
 * @param numberAt 0 <= i < count
 */
export function writeNumbers(out: Encoder, count: number, numberAt: (i: number) => number): void {
  for (let i = 0; i < count;) {
    const first = numberAt(i);
    let last = first;
    if (i > 0) out.ascii(",");
    while (++i < count && numberAt(i) === last + 1) last++;
    out.number(first);
    if (last > first) out.ascii(":").number(last);
  }
}

function highestModSeq({ selected, withModSeq }: Result, positions: Uint32Array): number | undefined {
  if (!withModSeq) return undefined;
  let highest: number | undefined;
  for (const position of positions) {
    const at = selected.indexPosition(position);
    const modseq = at < 0 ? undefined : selected.index.modseqs[at];
    if (modseq !== undefined && (highest === undefined || modseq > highest)) highest = modseq;
  }
  return highest;
}
