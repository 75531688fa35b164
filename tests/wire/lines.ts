/** Command lines for tests, as the connection hands them to the decoder. */
import assert from "node:assert/strict";
import { BadError, NoError } from "../../server/imap/errors.ts";
import { Decoder, type Literal } from "../../server/imap/wire/decoder.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
/** One byte a character. */
export const latin1 = (value: string): Uint8Array => Uint8Array.from(value, (c) => c.charCodeAt(0));

export function decoder(line: string | Uint8Array, options?: { utf8?: boolean }): Decoder {
  return new Decoder(typeof line === "string" ? bytes(line) : line, [], options);
}

export function literal(content: string | Uint8Array, binary = false): Literal {
  const value = typeof content === "string" ? bytes(content) : content;
  return { size: value.length, binary, bytes: value };
}

/** What goes over the wire to what the decoder gets: CRLF after a marker is dropped, the literal's bytes are set aside. */
export function frame(wire: Uint8Array): { line: Uint8Array; literals: Literal[] } {
  const line: number[] = [];
  const literals: Literal[] = [];
  let lineStart = 0;
  for (let at = 0; at < wire.length;) {
    if (wire[at] !== 0x0d || wire[at + 1] !== 0x0a) {
      line.push(wire[at++]);
      continue;
    }
    at += 2;
    const tail = String.fromCharCode(...line.slice(lineStart).slice(-20));
    const marker = /(~?)\{(\d+)\+?\}$/.exec(tail);
    if (!marker) return { line: Uint8Array.from(line), literals };
    const size = Number(marker[2]);
    literals.push({ size, binary: marker[1] === "~", bytes: wire.slice(at, at + size) });
    at += size;
    lineStart = line.length;
  }
  return { line: Uint8Array.from(line), literals };
}

export function bad(f: () => unknown, message?: RegExp): void {
  assert.throws(f, (error: unknown) => {
    assert.ok(error instanceof BadError, String(error));
    if (message) assert.match(error.message, message);
    return true;
  });
}

export function no(f: () => unknown, code: string): void {
  assert.throws(f, (error: unknown) => {
    assert.ok(error instanceof NoError, String(error));
    assert.equal(error.code, code);
    return true;
  });
}
