/** Answers against what the corpus knows. All of it runs when the clock has stopped. */
import type { Buffer } from "node:buffer";
import { type Facts, secondsOf } from "./corpus.ts";
import { encodedWords } from "./corpus/header.ts";
import { fetchResponses, textOf, type Value } from "./answers.ts";

/** A server's answer is not right: it has no figures in this scenario. */
export class WrongAnswer extends Error {}

export type Items = ReadonlyMap<string, Value>;

/** @throws {WrongAnswer} */
export function check(condition: unknown, message: string): asserts condition {
  if (!condition) throw new WrongAnswer(message);
}

/** @throws {WrongAnswer} */
export function equal<T>(got: T, expected: NoInfer<T>, what: string): void {
  check(got === expected, `${what}: ${got} instead of ${expected}`);
}

/** Each message from 1 to `count` told once; `see` gets the items of each, with its number from 0. @throws {WrongAnswer} */
export function eachMessage(kept: Buffer | undefined, count: number, see: (at: number, items: Items) => void): void {
  check(kept, "nothing was kept");
  const told = new Uint8Array(count);
  let sum = 0;
  for (const { number, items } of fetchResponses(kept)) {
    check(number >= 1 && number <= count, `FETCH of message ${number} of ${count}`);
    check(told[number - 1] === 0, `message ${number} was told twice`);
    told[number - 1] = 1;
    sum++;
    see(number - 1, items);
  }
  equal(sum, count, "messages told by FETCH");
}

/** For one FETCH: a check that UIDs ascend. */
export function ascendingUids(): (items: Items) => void {
  let last = 0;
  return (items) => {
    const uid = Number(textOf(items.get("UID")));
    check(uid > last, `UID ${uid} behind ${last}`);
    last = uid;
  };
}

/** Without \Recent, in any order and case. */
export function checkFlags(items: Items, expected: readonly string[], at: number): void {
  const flags = items.get("FLAGS");
  check(isList(flags), `message ${at + 1} has no FLAGS`);
  const named = (names: readonly string[]) => names.map((name) => name.toLowerCase()).sort().join(" ");
  const got = named(flags.map(textOf).filter((flag) => flag.toLowerCase() !== "\\recent"));
  equal(got, named(expected), `flags of message ${at + 1}`);
}

export function checkSize(items: Items, { size, number }: Facts): void {
  equal(Number(textOf(items.get("RFC822.SIZE"))), size, `RFC822.SIZE of message ${number + 1}`);
}

/** RFC822.SIZE, INTERNALDATE, ENVELOPE (Message-ID, subject, sender) and the top of BODYSTRUCTURE. */
export function checkEnvelope(items: Items, facts: Facts): void {
  const which = `of message ${facts.number + 1}`;
  checkSize(items, facts);
  const envelope = items.get("ENVELOPE");
  check(isList(envelope) && envelope.length === 10, `no ENVELOPE ${which}`);
  equal(textOf(envelope[9]), facts.messageId, `Message-ID ${which}`);
  equal(textOf(envelope[1]).replace(/\s+/g, " "), encodedWords(facts.subject).replace(/\s+/g, " "), `subject ${which}`);
  const from = isList(envelope[2]) ? envelope[2][0] : undefined;
  check(isList(from), `no sender ${which}`);
  equal(`${textOf(from[2])}@${textOf(from[3])}`, facts.from.address, `sender ${which}`);
  const structure = items.get("BODYSTRUCTURE");
  check(isList(structure), `no BODYSTRUCTURE ${which}`);
  equal(typeOf(structure).toLowerCase(), facts.type, `type ${which}`);
  equal(secondsOf(textOf(items.get("INTERNALDATE"))), facts.date, `INTERNALDATE ${which}`);
}

function typeOf(structure: readonly Value[]): string {
  if (!isList(structure[0])) return `${textOf(structure[0])}/${textOf(structure[1])}`;
  return `multipart/${textOf(structure.find((value) => !isList(value)))}`;
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The header lines that BODY[HEADER.FIELDS (…)] must give, in the order of the message. @param names in lower case */
export function headerFields(message: Buffer, names: readonly string[]): string {
  const header = message.toString("latin1", 0, message.indexOf("\r\n\r\n") + 2);
  let fields = "";
  let wanted = false;
  for (const line of header.split(/(?<=\r\n)/)) {
    if (!/^[ \t]/.test(line)) wanted = names.includes(line.slice(0, line.indexOf(":")).toLowerCase());
    if (wanted) fields += line;
  }
  return fields + "\r\n";
}
