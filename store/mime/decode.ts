/** Content decoded: transfer encodings, charsets, header text, and the folding that search compares in. */
import type { ByteSource } from "./source.ts";
import type { Part } from "./structure.ts";
import { transferDecoder } from "./transfer.ts";

export { decodeText } from "./charset.ts";
export { foldCase } from "./fold.ts";
export { decodeHeader } from "./words.ts";

/** A part's body without its transfer encoding (RFC 9051 §6.4.5 BINARY); null where that is not known (UNKNOWN-CTE). */
export function decodePart(source: ByteSource, part: Part): Uint8Array | null {
  const decoder = transferDecoder(part.encoding);
  if (decoder === undefined) return null;
  const body = decoder.write(source.read(part.bodyStart, part.end));
  const rest = decoder.end();
  if (rest.length === 0) return body;
  const whole = new Uint8Array(body.length + rest.length);
  whole.set(body);
  whole.set(rest, body.length);
  return whole;
}
