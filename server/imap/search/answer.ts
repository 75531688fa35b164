/** SEARCH and ESEARCH responses, and what `$` gets (RFC 9051 §7.3.4, RFC 4731 §3, RFC 5182 §2.4, RFC 7162 §3.1.6 and §3.1.10). */
import type { UidRanges } from "../../../store/mod.ts";
import { BadError } from "../errors.ts";
import type { Selected } from "../selected.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { Encoder } from "../wire/encoder.ts";
import { rangesOf } from "../wire/sequence.ts";

export interface ReturnOptions {
  readonly min: boolean;
  readonly max: boolean;
  readonly all: boolean;
  readonly count: boolean;
  readonly save: boolean;
}

/** What `RETURN ()` and, for IMAP4rev2 clients, no RETURN stand for. */
export const RETURN_ALL: ReturnOptions = { min: false, max: false, all: true, count: false, save: false };

/** What follows RETURN. @throws {BadError} an option that is not known (RFC 9051 §6.4.4) */
export function parseReturn(d: Decoder): ReturnOptions {
  const words = new Set(d.list(() => d.word()));
  if (words.size === 0) return RETURN_ALL;
  const options = {
    min: words.delete("MIN"),
    max: words.delete("MAX"),
    all: words.delete("ALL"),
    count: words.delete("COUNT"),
    save: words.delete("SAVE"),
  };
  if (words.size > 0) throw new BadError(undefined, "unknown SEARCH return option");
  return options;
}

/** Messages found, as ascending positions of the client's list. */
export interface Result {
  readonly selected: Selected;
  readonly positions: Uint32Array;
  /** UID SEARCH: messages are told by their UIDs. */
  readonly uid: boolean;
  /** The criteria hold MODSEQ, so the highest modseq of what is returned has to be told. */
  readonly withModSeq: boolean;
}

/** `* SEARCH 2 5 (MODSEQ 917)`. */
export function writeSearch(out: Encoder, result: Result): void {
  out.ascii("* SEARCH");
  for (const position of result.positions) out.sp().number(numberOf(result, position));
  const modseq = highestModSeq(result, result.positions);
  if (modseq !== undefined) out.ascii(` (MODSEQ ${modseq})`);
  out.crlf();
}

/** `* ESEARCH (TAG "a") UID MIN 2 ALL 2,5:7 MODSEQ 917`; nothing where only SAVE was asked for. */
export function writeESearch(out: Encoder, tag: string, options: ReturnOptions, result: Result): void {
  const { min, max, all, count, save } = options;
  if (save && !min && !max && !all && !count) return;
  const { positions, uid } = result;
  out.ascii("* ESEARCH (TAG ").quoted(tag).ascii(")");
  if (uid) out.ascii(" UID");
  if (positions.length > 0) {
    if (min) out.ascii(" MIN ").number(numberOf(result, positions[0]));
    if (max) out.ascii(" MAX ").number(numberOf(result, positions[positions.length - 1]));
    if (all) writeSet(out.ascii(" ALL "), result);
  }
  if (count) out.ascii(" COUNT ").number(positions.length);
  const modseq = highestModSeq(result, returned(options, positions));
  if (modseq !== undefined) out.ascii(" MODSEQ ").number(modseq);
  out.crlf();
}

/** What `$` becomes by RETURN (SAVE …) (RFC 9051 table 4). */
export function savedRanges(options: ReturnOptions, { selected, positions }: Result): UidRanges {
  return rangesOf(Array.from(returned(options, positions), (position) => selected.uidAt(position)));
}

/** MIN and MAX without ALL and COUNT stand for the one or two messages that they name; SAVE alone for all. */
function returned({ min, max, all, count }: ReturnOptions, positions: Uint32Array): Uint32Array {
  if (all || count || !(min || max) || positions.length === 0) return positions;
  const ends = [...(min ? [positions[0]] : []), ...(max ? [positions[positions.length - 1]] : [])];
  return Uint32Array.from(new Set(ends));
}

function numberOf({ selected, uid }: Result, position: number): number {
  return uid ? selected.uidAt(position) : position + 1;
}

function writeSet(out: Encoder, result: Result): void {
  const { positions } = result;
  for (let i = 0; i < positions.length;) {
    const first = numberOf(result, positions[i]);
    let last = first;
    if (i > 0) out.ascii(",");
    while (++i < positions.length && numberOf(result, positions[i]) === last + 1) last++;
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
