/**
 * Messages as people have them, the same in each run: who checks an answer makes the message anew and needs no copy.
 *
 * `WORDS` stand where `Facts` say and nowhere else, so the hits of a search are known exactly.
 */
import { Buffer } from "node:buffer";
import { body, oneAttachment } from "./corpus/body.ts";
import { ancestorsOf, header, messageIdOf, PEOPLE, type Person, RARE_PERSON, topicOf } from "./corpus/header.ts";
import { Random } from "./corpus/random.ts";

export { internalDate, searchDate, secondsOf } from "./corpus/header.ts";

/** What kind of messages; sizes are log-normal between two bounds, in bytes. */
export interface Profile {
  readonly name: string;
  readonly seed: number;
  readonly median: number;
  readonly spread: number;
  readonly least: number;
  readonly most: number;
  /** How often there are attachments, beyond those that large messages have. */
  readonly attachments: number;
}

/** 1 KiB to 5 MiB, half of them over 8 KiB. */
export const ANY: Profile = {
  name: "any",
  seed: 1,
  median: 8192,
  spread: 1.35,
  least: 1024,
  most: 5 << 20,
  attachments: 0.18,
};
/** At most 64 KiB, 8 KiB on average: for large mailboxes. */
export const LIGHT: Profile = {
  name: "light",
  seed: 2,
  median: 5000,
  spread: 0.95,
  least: 1024,
  most: 64 << 10,
  attachments: 0.12,
};
/** About 1 KiB: for mailboxes of a million. */
export const SHORT: Profile = {
  name: "short",
  seed: 3,
  median: 900,
  spread: 0.1,
  least: 800,
  most: 1200,
  attachments: 0,
};

export const WORDS = {
  bodyRare: "chrysanthemum",
  bodyCommon: "budgetary",
  absent: "zyxwvutq",
  /** In some subjects and in some bodies. */
  text: "harvesting",
  subjectRare: "palimpsest",
  subjectCommon: "quarterly",
  subjectUtf8: "grüße",
  fromRare: "zuzanna.quill",
  fromCommon: "@corp.example",
} as const;

/** All that is checked about a message. */
export interface Facts {
  readonly number: number;
  readonly size: number;
  /** Decoded. */
  readonly subject: string;
  readonly from: Person;
  readonly messageId: string;
  /** Seconds since 1970; its INTERNALDATE too. */
  readonly date: number;
  readonly flags: readonly string[];
  /** Those of `WORDS` that its text has. */
  readonly words: readonly string[];
  /** Of the whole, as "multipart/mixed". */
  readonly type: string;
}

export interface Message extends Facts {
  readonly bytes: Buffer;
}

const FIRST_DATE = Date.UTC(2021, 0, 4) / 1000;
const KEYWORDS = ["$Forwarded", "$Label1", "NonJunk"];

export function message(profile: Profile, number: number): Message {
  const { seed } = profile;
  const random = new Random(seed, number);
  const size = sizeOf(profile, random);
  const from = number % 499 === 11 ? RARE_PERSON : random.pickSkewed(PEOPLE);
  const ancestors = ancestorsOf(seed, number);
  const topic = topicOf(seed, ancestors[0] ?? number);
  const subject = (ancestors.length > 0 ? "Re: " : random.chance(0.05) ? "Fwd: " : "") + topic;
  const date = FIRST_DATE + number * 600;
  const words = wordsOf(number);
  const head = Buffer.from(header({ seed, number, from, subject, date, ancestors }, random, size < 3000), "latin1");
  const { type, bytes } = body(random, Math.max(100, size - head.length - 200), words, profile.attachments);
  const whole = Buffer.concat([head, bytes]);
  const messageId = messageIdOf(seed, number);
  return {
    number,
    size: whole.length,
    subject,
    from,
    messageId,
    date,
    flags: flagsOf(number),
    words,
    type,
    bytes: whole,
  };
}

function sizeOf({ median, spread, least, most }: Profile, random: Random): number {
  const size = median * Math.exp(spread * random.normal());
  const huge = random.chance(0.008) ? 5 + random.below(60) : 1;
  return Math.min(most, Math.max(least, Math.round(size * huge)));
}

function wordsOf(number: number): string[] {
  const words: string[] = [];
  if (number % 1009 === 17) words.push(WORDS.bodyRare);
  if (number % 4 === 1) words.push(WORDS.bodyCommon);
  if (number % 211 === 29) words.push(WORDS.text);
  return words;
}

function flagsOf(number: number): string[] {
  const flags: string[] = [];
  if (number % 10 < 7) flags.push("\\Seen");
  if (number % 20 === 3) flags.push("\\Flagged");
  if (number % 9 === 4) flags.push("\\Answered");
  if (number % 50 === 21) flags.push(KEYWORDS[number % 3]);
  return flags;
}

export function* messages(profile: Profile, from: number, to: number): Generator<Message> {
  for (let number = from; number < to; number++) yield message(profile, number);
}

const known = new Map<string, Facts[]>();

/** Facts of the first messages, made once. */
export function facts(profile: Profile, count: number): readonly Facts[] {
  const all = known.get(profile.name) ?? [];
  known.set(profile.name, all);
  while (all.length < count) {
    const { bytes: _, ...rest } = message(profile, all.length);
    all.push(rest);
  }
  return all.length === count ? all : all.slice(0, count);
}

/** One message of `size` bytes or a line more, nearly all of it an attachment. */
export function largeMessage(size: number): Message {
  const number = 0;
  const head =
    "From: big@example.org\r\nTo: u@example.org\r\nSubject: large\r\nMessage-ID: <large@example.org>\r\nMIME-Version: 1.0\r\n";
  const { type, bytes } = oneAttachment(new Random(99, 1), size - 1500);
  const whole = Buffer.concat([Buffer.from(head, "latin1"), bytes]);
  const from = { name: "", address: "big@example.org" };
  const rest = { subject: "large", from, messageId: "<large@example.org>", date: FIRST_DATE, flags: [], words: [] };
  return { number, size: whole.length, ...rest, type, bytes: whole };
}
