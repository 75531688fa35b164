/** Bodies of messages: text in several encodings, HTML beside it, attachments, forwarded messages. */
import { Buffer } from "node:buffer";
import { header, PEOPLE } from "./header.ts";
import type { Random } from "./random.ts";
import { ASCII, base64Text, BINARY, CYRILLIC, HTML, LATIN1, QUOTED, quotedPrintable } from "./text.ts";

export interface Part {
  /** "multipart/mixed" and so on. */
  readonly type: string;
  /** From Content-Type to the end. */
  readonly bytes: Buffer;
}

const ATTACHMENTS = [
  ["application/pdf", "pdf"],
  ["image/jpeg", "jpg"],
  ["image/png", "png"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"],
  ["application/zip", "zip"],
];

/** @param size of the whole, roughly @param words stand in the text, in its encoding @param attachments how often there are some */
export function body(random: Random, size: number, words: readonly string[], attachments: number): Part {
  const kind = random.part();
  if (size > 1500 && kind < attachments + Math.min(0.5, size / 400_000)) return withAttachments(random, size, words);
  if (size > 4000 && kind > 0.96) {
    return multipart(random, "mixed", [text(random, 300, words), forwarded(random, size - 700, random.below(2))]);
  }
  if (size > 800 && kind > 0.45) return alternative(random, size - 250, words);
  return kind > 0.42 ? html(random, size, words) : text(random, size, words);
}

/** A text and one attachment, which has nearly all of `size`. */
export function oneAttachment(random: Random, size: number): Part {
  return multipart(random, "mixed", [text(random, 500, []), attachment(random, size)]);
}

function withAttachments(random: Random, size: number, words: readonly string[]): Part {
  const textSize = Math.min(size * 0.3, 1000 + random.below(6000));
  const count = 1 + (random.chance(0.3) ? random.below(4) : 0);
  const each = (size - textSize) / count - 250;
  const first = random.chance(0.5) ? text(random, textSize, words) : alternative(random, textSize, words);
  return multipart(random, "mixed", [first, ...Array.from({ length: count }, () => attachment(random, each))]);
}

function alternative(random: Random, size: number, words: readonly string[]): Part {
  return multipart(random, "alternative", [text(random, size * 0.3, words), html(random, size * 0.7, words)]);
}

function sentence(words: readonly string[]): string {
  return words.length === 0 ? "" : `We should talk about ${words.join(" and about ")} soon.`;
}

function text(random: Random, size: number, words: readonly string[]): Part {
  const first = sentence(words);
  const [charset, encoding, lines, lead] = textKind(random.part(), first);
  const fields = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return part("text/plain", fields, first === "" ? "" : lead, ...lines.take(random, Math.max(80, size)));
}

function textKind(kind: number, first: string): [string, string, typeof ASCII, string] {
  if (kind < 0.3) return ["us-ascii", "7bit", ASCII, first + "\r\n"];
  if (kind < 0.5) return ["UTF-8; format=flowed", "7bit", ASCII, first + "\r\n"];
  if (kind < 0.72) return ["ISO-8859-1", "quoted-printable", QUOTED, quotedPrintable("Schöne Größe: " + first)];
  if (kind < 0.82) return ['"iso-8859-15"', "8bit", LATIN1, first + "\r\n"];
  return ['"utf-8"', "base64", CYRILLIC, base64Text(first)];
}

function html(random: Random, size: number, words: readonly string[]): Part {
  const fields = "Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  const first = words.length === 0 ? "" : `<p>${sentence(words)}</p>\r\n`;
  const lines = HTML.take(random, Math.max(150, size));
  return part(
    "text/html",
    fields,
    "<html><head><title>mail</title></head><body>\r\n",
    first,
    ...lines,
    "</body></html>\r\n",
  );
}

function attachment(random: Random, size: number): Part {
  const [type, ending] = random.pick(ATTACHMENTS);
  const name = `attached-${random.below(99)}.${ending}`;
  const file = random.chance(0.2) ? `filename*=UTF-8''Pr%C3%BCfung-${name}` : `filename="${name}"`;
  const fields = `Content-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64\r\n` +
    `Content-Disposition: attachment;\r\n\t${file}\r\n\r\n`;
  return part(type, fields, ...BINARY.take(random, Math.max(78, size)));
}

/** @param depth how many more messages stand within it */
function forwarded(random: Random, size: number, depth: number): Part {
  const from = random.pick(PEOPLE);
  const facts = { seed: 3, number: random.below(1000), from, subject: "forwarded", date: 1_600_000_000, ancestors: [] };
  const inner = depth > 0 && size > 4000
    ? multipart(random, "mixed", [text(random, size * 0.2, []), forwarded(random, size * 0.6, depth - 1)])
    : text(random, size - 600, []);
  const fields = "Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n";
  return part("message/rfc822", fields, header(facts, random, true), inner.bytes);
}

function multipart(random: Random, subtype: string, parts: readonly Part[]): Part {
  const boundary = `----=_Part_${random.hex(16)}`;
  const type = `multipart/${subtype}`;
  const pieces = parts.flatMap(({ bytes }) => [`--${boundary}\r\n`, bytes, "\r\n"]);
  return part(type, `Content-Type: ${type};\r\n\tboundary="${boundary}"\r\n\r\n`, ...pieces, `--${boundary}--\r\n`);
}

function part(type: string, ...pieces: readonly (string | Buffer)[]): Part {
  const bytes = pieces.map((piece) => typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  return { type, bytes: Buffer.concat(bytes) };
}
