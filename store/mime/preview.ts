/** The first words of a message (RFC 8970 §3.3): plain text, at most 200 characters, "" where there is nothing to read. */
import { Header } from "./header.ts";
import { decodedText, isHtml, isText } from "./searchtext.ts";
import type { ByteSource } from "./source.ts";
import type { Part } from "./structure.ts";
import { toLatin1 } from "./latin1.ts";

const MAX_CHARACTERS = 200;
/** Characters may be two units long. */
const ENOUGH = 2 * MAX_CHARACTERS;
/** What is read of each part: at first, and where that does not suffice. HTML may begin with a long style sheet. */
const FIRST_HTML = 8 * 1024;
const MAX_HTML = 64 * 1024;
const FIRST_PLAIN = 2 * 1024;
const MAX_PLAIN = 16 * 1024;
const MAX_PART_HEADER = 64 * 1024;
const MAX_TRIED = 20;

export function preview(source: ByteSource, root: Part): string {
  let tried = 0;
  for (const part of textParts(root)) {
    if (part !== root && isAttachment(source, part)) continue;
    if (++tried > MAX_TRIED) break;
    const words = isHtml(part)
      ? wordsOf(source, part, FIRST_HTML, MAX_HTML)
      : wordsOf(source, part, FIRST_PLAIN, MAX_PLAIN);
    if (words !== "") return words;
  }
  return "";
}

function wordsOf(source: ByteSource, part: Part, first: number, most: number): string {
  const { words, enough } = ownWords(textOf(source, part, first));
  if (enough || part.end - part.bodyStart <= first) return firstCharacters(words);
  return firstCharacters(ownWords(textOf(source, part, most)).words);
}

function textOf(source: ByteSource, part: Part, limit: number): string {
  let text = "";
  for (const piece of decodedText(source, part, limit)) text += typeof piece === "string" ? piece : toLatin1(piece);
  return text;
}

function* textParts(part: Part): Iterable<Part> {
  if (isText(part)) yield part;
  for (const child of part.parts) yield* textParts(child);
  if (part.message !== undefined) yield* textParts(part.message);
}

function isAttachment(source: ByteSource, part: Part): boolean {
  const header = new Header(
    source.read(part.headerStart, Math.min(part.bodyStart, part.headerStart + MAX_PART_HEADER)),
  );
  return /^attachment\b/i.test(header.get("content-disposition") ?? "");
}

/** Lines that are the sender's own, up to the signature; if there are none, the quoted ones. `enough`: more text would not change them. */
function ownWords(text: string): { readonly words: string; readonly enough: boolean } {
  let own = "";
  let quoted = "";
  let at = 0;
  while (at < text.length && own.length < ENOUGH) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, Math.min(end, at + 20 * MAX_CHARACTERS));
    at = end + 1;
    if (line === "-- \r" || line === "-- ") break;
    if (!line.startsWith(">")) own = append(own, line);
    else if (quoted.length < ENOUGH) quoted = append(quoted, line.replace(/^[> ]+/, ""));
  }
  return { words: own === "" ? quoted : own, enough: own.length >= ENOUGH };
}

// deno-lint-ignore no-control-regex -- control characters and those of no width are nothing to read
const INVISIBLE = /[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u200b\u200c\u2060\ufeff]+/g;

function append(text: string, line: string): string {
  const words = line.replace(INVISIBLE, "").replace(/\s+/g, " ").trim();
  if (words === "") return text;
  return text === "" ? words : text + " " + words;
}

/** Whole characters (code points), as RFC 8970 counts them. */
function firstCharacters(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return Array.from(text.slice(0, 2 * MAX_CHARACTERS)).slice(0, MAX_CHARACTERS).join("").trimEnd();
}
