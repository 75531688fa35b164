/** Mails for tests: text with one character a byte, and what is derived from it in a form that is easy to compare. */
import assert from "node:assert/strict";
import { type ParsedMessage, parseMessage } from "../../store/mime/message.ts";
import { type ByteSource, memorySource } from "../../store/mime/source.ts";
import { type Part, unpackStructure } from "../../store/mime/structure.ts";
import { checkBody, checkEnvelope, readWire, type Value } from "./wire.ts";

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Lines joined by CRLF. */
export function mail(...lines: string[]): string {
  return lines.join("\r\n");
}

/** Bytes read as from a file: each view is a copy, so nothing can rely on memory that stays. */
export function fileLike(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (start, end) => bytes.slice(start, end) };
}

export interface Seen {
  readonly parsed: ParsedMessage;
  readonly envelope: Value[];
  readonly bodyStructure: Value[];
  readonly root: Part;
  readonly bytes: Uint8Array;
  body(part: Part): string;
}

/** Parses, and checks all that is true of every message. */
export function look(content: string | Uint8Array): Seen {
  const bytes = typeof content === "string" ? bytesOf(content) : content;
  const parsed = parseMessage(memorySource(bytes));
  const envelope = readWire(parsed.envelope);
  checkEnvelope(envelope);
  const bodyStructure = readWire(parsed.bodyStructure);
  checkBody(bodyStructure, true);
  checkBody(readWire(parsed.body), false);
  const root = unpackStructure(parsed.structure);
  assert.equal(root.headerStart, 0);
  assert.equal(root.bodyStart, parsed.headerSize);
  assert.equal(root.end, bytes.length);
  checkOffsets(root);
  assert([...parsed.preview].length <= 200);
  return {
    parsed,
    envelope,
    bodyStructure: bodyStructure as Value[],
    root,
    bytes,
    body: (part) => textOf(bytes.subarray(part.bodyStart, part.end)),
  };
}

function checkOffsets(part: Part): void {
  assert(part.headerStart <= part.bodyStart && part.bodyStart <= part.end);
  assert(part.lines >= 0 && part.lines <= part.end - part.bodyStart);
  assert.equal(part.type === "multipart", part.parts.length > 0);
  let from = part.bodyStart;
  for (const child of [...part.parts, ...(part.message ? [part.message] : [])]) {
    assert(child.headerStart >= from && child.end <= part.end, "parts follow each other within their parent");
    from = child.end;
    checkOffsets(child);
  }
}

/** `type/subtype` and, in brackets, what is inside. */
export function outline(part: Part): string {
  const inside = part.message ? [part.message] : part.parts;
  return `${part.type}/${part.subtype}` + (inside.length > 0 ? `[${inside.map(outline).join(" ")}]` : "");
}

export function utf8(bytes: Uint8Array | null): string {
  assert(bytes !== null);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The complex message of RFC 9051 §6.4.5.1. */
export const COMPLEX = mail(
  "Content-Type: multipart/mixed; boundary=a",
  "Subject: outer",
  "",
  "preamble",
  "--a",
  "Content-Type: text/plain",
  "",
  "1",
  "--a",
  "Content-Type: application/octet-stream",
  "",
  "2",
  "--a",
  "Content-Type: message/rfc822",
  "",
  "Subject: three",
  "Content-Type: multipart/mixed; boundary=c",
  "",
  "--c",
  "",
  "3.1",
  "--c",
  "Content-Type: application/octet-stream",
  "",
  "3.2",
  "--c--",
  "--a",
  "Content-Type: multipart/mixed; boundary=d",
  "",
  "--d",
  "Content-Type: image/gif",
  "",
  "4.1",
  "--d",
  "Content-Type: message/rfc822",
  "",
  "Subject: four-two",
  "Content-Type: multipart/mixed; boundary=e",
  "",
  "--e",
  "",
  "4.2.1",
  "--e",
  "Content-Type: multipart/alternative; boundary=f",
  "",
  "--f",
  "",
  "4.2.2.1",
  "--f",
  "Content-Type: text/richtext",
  "",
  "4.2.2.2",
  "--f--",
  "--e--",
  "--d--",
  "--a--",
  "epilogue",
  "",
);
