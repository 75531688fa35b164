/** Lines of text as they stand in messages, made once; bodies are runs of them. None has a word of `WORDS` (corpus.ts). */
import { Buffer } from "node:buffer";
import { Random } from "./random.ts";

const ENGLISH =
  ("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you " +
    "were all her she there would their we him been has when who will no more if out so up said what its about than into them can only " +
    "other time new some could these two may first then do any like my now over such our man me even most made after also did many off " +
    "before must well back through years much where your way down should because long each just state those people too")
    .split(" ");
const GERMAN = "für über schön größer natürlich können möchte Straße Grüezi Änderung bitte nicht morgen danke Anhang"
  .split(" ");
const RUSSIAN = "это был который сказать время человек один такой работа слово место лицо друг дом вопрос мир".split(
  " ",
);

/** Bytes of a line of base64: 76 characters. */
const BASE64_LINE = 57;

/** A run of whole lines. */
class Lines {
  readonly #bytes: Buffer;
  readonly #starts: number[] = [];

  constructor(lines: readonly (string | Buffer)[]) {
    const parts = lines.map((line) => typeof line === "string" ? Buffer.from(line, "latin1") : line);
    let at = 0;
    for (const { length } of parts) {
      this.#starts.push(at);
      at += length;
    }
    this.#bytes = Buffer.concat(parts);
  }

  /** Whole lines from a place that `random` says, `size` bytes or up to a line more. */
  take(random: Random, size: number): Buffer[] {
    const taken: Buffer[] = [];
    let at = this.#starts[random.below(this.#starts.length)];
    for (let left = size; left > 0;) {
      const end = this.#lineStart(at + left);
      taken.push(this.#bytes.subarray(at, end));
      left -= end - at;
      at = 0;
    }
    return taken;
  }

  /** The first start of a line at or behind a place; the end of all behind the last. */
  #lineStart(place: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] < place) low = middle + 1;
      else high = middle;
    }
    return this.#starts[low] ?? this.#bytes.length;
  }
}

const random = new Random(4711, 1);

export const ASCII = new Lines(
  many(3000, (at) => (at % 31 < 4 ? "> " : "") + (at % 9 === 8 ? "" : words(ENGLISH, 68)) + "\r\n"),
);
export const HTML = new Lines(
  many(2000, () => `<p style=3D"margin:0 0 12px 0;font-family:Arial">=\r\n${words(ENGLISH, 60)}</p>\r\n`),
);
export const LATIN1 = new Lines(
  many(2000, () => Buffer.from(words([...ENGLISH, ...GERMAN, ...GERMAN], 90) + "\r\n", "latin1")),
);
export const QUOTED = new Lines(many(2000, () => quotedPrintable(words([...ENGLISH, ...GERMAN, ...GERMAN], 90))));
export const CYRILLIC = new Lines(many(2000, () => base64Line(cyrillicLine())));
export const BINARY = new Lines(many(10_000, () => base64Line(Buffer.from(random.hex(2 * BASE64_LINE), "hex"))));

function many<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

/** Words with spaces between them, up to `width` characters. */
function words(from: readonly string[], width: number): string {
  for (let line = "";;) {
    const longer = (line === "" ? "" : line + " ") + random.pick(from);
    if (longer.length > width) return line;
    line = longer;
  }
}

/** Of exactly one line of base64, so that lines can be put together anywhere. */
function cyrillicLine(): Buffer {
  const line = Buffer.alloc(BASE64_LINE, " ");
  let text = words(RUSSIAN, 24);
  while (Buffer.byteLength(text) > BASE64_LINE - 2) text = text.slice(0, -1);
  line.write(text);
  line.write("\r\n", BASE64_LINE - 2);
  return line;
}

function base64Line(bytes: Buffer): string {
  return bytes.toString("base64") + "\r\n";
}

/** Text in base64, in whole lines filled with spaces, so that other lines can follow. */
export function base64Text(text: string): string {
  const bytes = Buffer.alloc(Math.ceil((text.length + 2) / BASE64_LINE) * BASE64_LINE, " ");
  bytes.write(text, "latin1");
  bytes.write("\r\n", bytes.length - 2, "latin1");
  let lines = "";
  for (let at = 0; at < bytes.length; at += BASE64_LINE) lines += base64Line(bytes.subarray(at, at + BASE64_LINE));
  return lines;
}

/** A line of ISO-8859-1 text in quoted-printable, with soft line breaks (RFC 2045 §6.7). */
export function quotedPrintable(text: string): string {
  let lines = "";
  let line = "";
  for (const byte of Buffer.from(text, "latin1")) {
    const plain = byte >= 32 && byte <= 126 && byte !== 61;
    const encoded = plain ? String.fromCharCode(byte) : "=" + byte.toString(16).toUpperCase().padStart(2, "0");
    if (line.length + encoded.length > 75) {
      lines += line + "=\r\n";
      line = "";
    }
    line += encoded;
  }
  return lines + line + "\r\n";
}
