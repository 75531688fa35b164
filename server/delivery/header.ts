/** What delivery writes above a message, and what it reads in its header. Linear, bounded in memory. */
import { eachField } from "../../store/mime/header.ts";
import { toLatin1, trimBlanks } from "../../store/mime/latin1.ts";
import type { ByteSource } from "../../store/mime/source.ts";

/** Fields beyond are not looked at. */
const MAX_HEADER = 256 * 1024;

/** Trace fields of the final delivery (RFC 5321 §4.4). @param sender undefined: not known, no Return-Path */
export function traceFields(sender: string | undefined, recipients: readonly string[]): Uint8Array {
  const returnPath = sender === undefined ? [] : [`Return-Path: <${sender}>`];
  const lines = [...returnPath, ...recipients.map((address) => `Delivered-To: ${address}`)];
  return new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(""));
}

export interface HeaderFacts {
  /** As written, at most 200 characters; "" without one. */
  readonly messageId: string;
  readonly junk: boolean;
}

/** @param junkHeader name of the field that marks junk, "" for none; its value begins with one of `junkValues`, as a word. */
export function headerFacts(
  source: ByteSource,
  { junkHeader, junkValues }: { junkHeader: string; junkValues: readonly string[] },
): HeaderFacts {
  const junkName = junkHeader.toLowerCase();
  const values = new Set(junkValues.map((value) => value.toLowerCase()));
  const text = toLatin1(source.read(0, Math.min(source.size, MAX_HEADER)));
  let messageId: string | undefined;
  let junk = false;
  eachField(text, ({ name, value, end }) => {
    if (name === "message-id") messageId ??= trimBlanks(text.slice(value, Math.min(end, value + 1000))).slice(0, 200);
    else if (name !== "" && name === junkName) {
      junk ||= values.has(firstWord(text.slice(value, Math.min(end, value + 1000))));
    }
  });
  return { messageId: messageId ?? "", junk };
}

/** "Yes, score=7.1" begins with "yes". */
function firstWord(value: string): string {
  return trimBlanks(value).split(/[\s,;]/, 1)[0].toLowerCase();
}

const NAME = new TextEncoder().encode("return-path:");
const LF = 10;

/**
 * The message without Return-Path fields at its top: they are of an earlier delivery, and there must be one only (RFC 5321 §4.4).
 * Holds back twelve bytes at most.
 */
export async function* withoutReturnPath(message: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let state: "name" | "field" | "lineEnd" | "passed" = "name";
  /** How much of NAME has been seen, and as it was written. */
  let seen: number[] = [];
  for await (const bytes of message) {
    let at = 0;
    while (state !== "passed" && at < bytes.length) {
      const byte = bytes[at];
      if (state === "field") {
        const end = bytes.indexOf(LF, at);
        at = end < 0 ? bytes.length : end + 1;
        if (end >= 0) state = "lineEnd";
      } else if (state === "lineEnd") {
        // A line that begins with a blank goes on.
        state = byte === 0x20 || byte === 0x09 ? "field" : "name";
      } else if (asciiLower(byte) === NAME[seen.length]) {
        at++;
        seen.push(byte);
        if (seen.length < NAME.length) continue;
        state = "field";
        seen = [];
      } else state = "passed";
    }
    if (state !== "passed") continue;
    if (seen.length > 0) yield Uint8Array.from(seen);
    seen = [];
    if (at < bytes.length) yield at === 0 ? bytes : bytes.subarray(at);
  }
  if (seen.length > 0) yield Uint8Array.from(seen);
}

function asciiLower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
