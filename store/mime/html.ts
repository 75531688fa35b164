/**
 * HTML to the text a reader sees: tags removed (inline ones without a trace, so words they cut stay whole, others as a break),
 * scripts, styles and comments dropped. A scanner, no parser: linear, whatever the nesting or what is left open.
 */
import { decodeEntities } from "./entities.ts";

/** Runs of blanks are one space; blocks begin on new lines. */
export function htmlToText(html: string): string {
  let raw = "";
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open < 0) break;
    raw += html.slice(at, open);
    const code = html.charCodeAt(open + 1);
    if (code === EXCLAMATION && html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      at = end < 0 ? html.length : end + 3;
    } else if (code === EXCLAMATION || code === QUESTION || code === SLASH || isLetter(code)) {
      const end = tagEnd(html, open + 1);
      if (end < 0) {
        // Nothing closes any more, so no later tag needs to be tried.
        at = open;
        break;
      }
      const name = tagName(html, code === SLASH ? open + 2 : open + 1);
      at = end;
      if (code !== SLASH && HIDDEN.has(name) && html[end - 2] !== "/") at = hiddenEnd(html, end, name);
      if (!INLINE.has(name)) raw += CELLS.has(name) ? " " : BREAK;
    } else {
      raw += "<";
      at = open + 1;
    }
  }
  raw += html.slice(at);
  return decodeEntities(tidy(raw));
}

/** The charset that the document names for itself in its first kilobyte, "" if none. */
export function htmlCharset(head: string): string {
  return /<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w.:-]{1,40})/i.exec(head.slice(0, 1024))?.[1].toLowerCase() ??
    "";
}

/** Stands for a line break until blanks are collapsed: the source's own line ends mean no more than a blank. */
const BREAK = "\x00";
const EXCLAMATION = 0x21;
const SLASH = 0x2f;
const QUESTION = 0x3f;

const INLINE = new Set(
  ("a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q s samp small span strike " +
    "strong sub sup time tt u var wbr").split(" "),
);
const CELLS = new Set(["td", "th", "img", "input", "button", "select", "option", "area", "map"]);
const HIDDEN = new Set(["script", "style", "title", "template", "noframes", "object", "svg"]);

function tidy(raw: string): string {
  // A single space, as most blanks are, is what it shall be already.
  // deno-lint-ignore no-control-regex -- BREAK
  return raw.replace(/ *[\t\r\n\f\x00][ \t\r\n\f\x00]*|  +/g, (blanks) => blanks.includes(BREAK) ? "\n" : " ").trim();
}

/** Behind the `>` of the tag at `from`, quoted attribute values passed over; -1 where none closes it. */
function tagEnd(html: string, from: number): number {
  let quote = 0;
  for (let at = from; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 0x3e) {
      return at + 1;
    } else if ((code === 0x22 || code === 0x27) && html.charCodeAt(at - 1) === 0x3d) {
      quote = code;
    }
  }
  // A quote that nothing closes. Only a document's last ones can be that, so this second look is rare.
  const plain = html.indexOf(">", from);
  return plain < 0 ? -1 : plain + 1;
}

function tagName(html: string, from: number): string {
  let end = from;
  while (end < from + 20 && (isLetter(html.charCodeAt(end)) || isNameRest(html.charCodeAt(end)))) end++;
  return html.slice(from, end).toLowerCase();
}

/** Behind `</name…>`; the document's end where it is missing. */
function hiddenEnd(html: string, from: number, name: string): number {
  let at = html.indexOf("</", from);
  while (at >= 0) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) {
      const end = html.indexOf(">", at);
      return end < 0 ? html.length : end + 1;
    }
    at = html.indexOf("</", at + 2);
  }
  return html.length;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isNameRest(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x3a || code === 0x2d;
}
