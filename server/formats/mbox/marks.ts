/**
 * What an export puts before a message in an mbox: its state, as mail programs read it, behind a line that tells an import how to take
 * all of that away again.
 */
import { Header } from "../../../store/mime/header.ts";
import { toLatin1 } from "../../../store/mime/latin1.ts";
import { stateOf } from "../metadata.ts";

export interface Marks {
  /** Bytes of these lines. */
  readonly length: number;
  /** UIDVALIDITY and UID, with a dot between. */
  readonly id: string;
  /** Bytes of the message. */
  readonly size: number;
  /** Line ends are LF in the file in place of CRLF. */
  readonly lf: boolean;
  /** The message does not end with a line end; the one in the file is not its own. */
  readonly open: boolean;
  readonly flags: readonly string[];
}

const FIRST = "X-Roost: ";
const LETTERS = [["\\Answered", "A"], ["\\Flagged", "F"], ["\\Deleted", "D"], ["\\Draft", "T"]];
const NO_KEYWORD = new Set(["\\Seen", ...LETTERS.map(([name]) => name)]);

export function marksText({ id, size, lf, open, flags }: Omit<Marks, "length">): string {
  const letters = LETTERS.map(([name, letter]) => flags.includes(name) ? letter : "").join("");
  const keywords = flags.filter((name) => !NO_KEYWORD.has(name));
  const lines = [`Status: ${flags.includes("\\Seen") ? "RO" : "O"}\n`];
  if (letters !== "") lines.push(`X-Status: ${letters}\n`);
  if (keywords.length > 0) lines.push(`X-Keywords: ${keywords.join(" ")}\n`);
  const words = [`lines=${lines.length + 1}`, `id=${id}`, `size=${size}`, `ends=${lf ? "lf" : "exact"}`];
  if (open) words.push("open");
  return `${FIRST}${words.join(" ")}\n${lines.join("")}`;
}

/** @param bytes where a message begins; undefined: no export wrote it */
export function readMarks(bytes: Uint8Array): Marks | undefined {
  if (bytes.length < FIRST.length || !isExported(bytes)) return undefined;
  const first = /^X-Roost: lines=([1-4]) id=(\d+\.\d+) size=(\d{1,15}) ends=(lf|exact)( open)?\r?\n/
    .exec(toLatin1(bytes.subarray(0, 200)));
  if (!first) return undefined;
  let length = 0;
  for (let lines = Number(first[1]); lines > 0; lines--) {
    length = bytes.indexOf(10, length) + 1;
    if (length === 0) return undefined;
  }
  return {
    length,
    id: first[2],
    size: Number(first[3]),
    lf: first[4] === "lf",
    open: first[5] !== undefined,
    flags: stateOf(new Header(bytes.subarray(0, length))).flags,
  };
}

/** Whether an export wrote it, whole or cut anywhere. @param bytes not empty */
export function isExported(bytes: Uint8Array): boolean {
  return FIRST.startsWith(toLatin1(bytes.subarray(0, FIRST.length)));
}
