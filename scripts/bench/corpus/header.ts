/** Who writes to whom about what: the header of a message, and what is known about it. */
import { Buffer } from "node:buffer";
import { Random } from "./random.ts";

export interface Person {
  readonly name: string;
  readonly address: string;
}

const FIRST =
  ("Alice Bob Carol David Erin Frank Grace Heidi Ivan Judy Karl Laura Mallory Olivia Peggy Quentin Rupert Sybil Trent Ursula " +
    "Victor Walter Xenia Yvonne Zoe Jürgen Søren Zoë François Łukasz Željko Νίκος Дмитрий 太郎").split(" ");
const LAST =
  ("Anderson Baker Chen Dubois Eriksen Fischer García Hansen Ivanov Jensen Kowalski Lehmann Müller Novák O'Brien Petrov Rossi " +
    "Schmidt Tanaka Virtanen Weiß Yılmaz Zhang").split(" ");
const DOMAINS = [
  "corp.example",
  "corp.example",
  "mail.example",
  "example.org",
  "lists.example.net",
  "uni.example.edu",
  "gov.example",
];
const TOPICS =
  ("minutes proposal update schedule invoice travel server contract review holiday newsletter question draft agenda reminder " +
    "release feedback interview shipment order plan offer registration survey warranty").split(" ");
const FOREIGN = [
  "Überprüfung der Rechnung",
  "Réunion demain à l'école",
  "Совещание в понедельник",
  "会議の日程について",
  "Żądanie płatności",
];
const PROGRAMS = ["Thunderbird 115.3", "Microsoft Outlook 16.0", "Apple Mail (2.3445)", "K-9 Mail"];

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const PEOPLE: readonly Person[] = people();
/** Writes one message of 499. */
export const RARE_PERSON: Person = { name: "Zuzanna Quill", address: "zuzanna.quill@rare.example" };

function people(): Person[] {
  const random = new Random(77, 0);
  const letters = (name: string) => name.normalize("NFD").replace(/[^A-Za-z.]/g, "").toLowerCase();
  return Array.from({ length: 600 }, (_, at) => {
    const first = random.pick(FIRST);
    const last = random.pick(LAST);
    const local = `${letters(first) || "user" + at}.${letters(last)}${at % 7 === 0 ? at : ""}`;
    return { name: `${first} ${last}`, address: `${local}@${random.pick(DOMAINS)}` };
  });
}

/** The subject of a thread that begins with a message. */
export function topicOf(seed: number, number: number): string {
  const random = new Random(seed * 17 + 3, number);
  if (number % 503 === 5) return `About the palimpsest number ${number}`;
  if (number % 601 === 9) return `Viele Grüße aus Köln, Nr. ${number}`;
  if (number % 97 === 13) return `Notes on harvesting ${random.pick(TOPICS)}`;
  if (random.chance(0.12)) return `${random.pick(FOREIGN)} ${random.below(1000)}`;
  const words = Array.from({ length: 2 + random.below(7) }, () => random.pick(TOPICS));
  return (number % 5 === 2 ? "Quarterly " : "") + words.join(" ") +
    (random.chance(0.4) ? ` #${random.below(10_000)}` : "");
}

/** The messages that one answers, the first of the thread first. */
export function ancestorsOf(seed: number, number: number): number[] {
  const ancestors: number[] = [];
  for (let at = number; ancestors.length < 12;) {
    const random = new Random(seed * 13 + 1, at);
    if (at < 2 || !random.chance(0.55)) break;
    at = Math.max(0, at - 1 - Math.floor(40 * random.part() ** 2));
    ancestors.unshift(at);
  }
  return ancestors;
}

export function messageIdOf(seed: number, number: number): string {
  return `<${new Random(seed * 31 + 7, number).hex(20)}.${number}@${DOMAINS[number % DOMAINS.length]}>`;
}

export interface HeaderFacts {
  readonly seed: number;
  readonly number: number;
  readonly from: Person;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly date: number;
  readonly ancestors: readonly number[];
}

/** All fields up to MIME-Version, each with its line end. @param short without those that servers on the way add */
export function header(facts: HeaderFacts, random: Random, short: boolean): string {
  const { seed, number, from, ancestors } = facts;
  const to = random.pickSkewed(PEOPLE);
  const host = from.address.slice(from.address.indexOf("@") + 1);
  const date = dateField(facts.date - 5 - random.below(60), random.pick([0, 60, 120, -300, -480, 330]));
  const lines = [`Return-Path: <${from.address}>`, `Delivered-To: ${to.address}`];
  for (let hop = short ? 1 : 2 + random.below(4); hop > 0; hop--) {
    lines.push(
      `Received: from mx${hop}.${host} (mx${hop}.${host} [192.0.2.${random.below(254)}])`,
      `\tby mail${hop}.example.org (Postfix) with ESMTPS id ${random.hex(11).toUpperCase()}`,
      `\tfor <${to.address}>; ${date}`,
    );
  }
  if (!short) lines.push(...addedOnTheWay(host, random));
  lines.push(`Date: ${date}`, `From: ${mailbox(from)}`);
  const others = random.chance(0.3) ? random.below(8) : 0;
  const all = [to, ...Array.from({ length: others }, () => random.pick(PEOPLE))];
  lines.push(`To: ${all.map(mailbox).join(",\r\n\t")}`);
  if (random.chance(0.3)) lines.push(`Cc: ${mailbox(random.pick(PEOPLE))}, ${mailbox(random.pick(PEOPLE))}`);
  lines.push(`Subject: ${encodedWords(facts.subject)}`, `Message-ID: ${messageIdOf(seed, number)}`);
  if (ancestors.length > 0) {
    const identifiers = ancestors.map((ancestor) => messageIdOf(seed, ancestor));
    lines.push(`In-Reply-To: ${identifiers.at(-1)}`, `References: ${identifiers.join("\r\n\t")}`);
  }
  return lines.join("\r\n") + "\r\nMIME-Version: 1.0\r\n";
}

function addedOnTheWay(host: string, random: Random): string[] {
  const lines = [
    "Authentication-Results: mail.example.org;",
    `\tdkim=pass (2048-bit key) header.d=${host} header.i=@${host} header.b="${random.hex(8)}"`,
  ];
  if (random.chance(0.8)) {
    lines.push(
      `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${host}; s=s2021;`,
      "\th=from:to:subject:date:message-id:references:mime-version;",
      `\tbh=${random.hex(43)}=;`,
      `\tb=${Array.from({ length: 5 }, () => random.hex(64)).join("\r\n\t ")}==`,
    );
  }
  lines.push(
    `X-Spam-Status: No, score=-${random.below(5)}.${random.below(10)} required=5.0 tests=DKIM_SIGNED,`,
    "\tDKIM_VALID,SPF_PASS autolearn=ham",
    `X-Mailer: ${random.pick(PROGRAMS)}`,
  );
  if (host.startsWith("lists")) {
    lines.push("List-Id: General discussion <general.lists.example.net>", "Precedence: list");
  }
  return lines;
}

function mailbox({ name, address }: Person): string {
  const phrase = isAscii(name) ? (/[^A-Za-z0-9 ]/.test(name) ? `"${name}"` : name) : encodedWords(name);
  return `${phrase} <${address}>`;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** RFC 2047: text as a field's value, folded; ASCII as it is. */
export function encodedWords(text: string): string {
  if (isAscii(text)) return text;
  const encoded = (part: string) => `=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`;
  const words: string[] = [];
  let part = "";
  for (const character of text) {
    if (encoded(part + character).length > 70) {
      words.push(encoded(part));
      part = "";
    }
    part += character;
  }
  return [...words, encoded(part)].join("\r\n ");
}

/** RFC 5322 §3.3. @param zone minutes east of UTC */
function dateField(seconds: number, zone: number): string {
  const time = new Date((seconds + zone * 60) * 1000);
  const off = Math.abs(zone);
  const offset = `${zone < 0 ? "-" : "+"}${two(off / 60)}${two(off % 60)}`;
  return `${DAYS[time.getUTCDay()]}, ${time.getUTCDate()} ${month(time)} ${clock(time)} ${offset}`;
}

/** A `date-time` for APPEND (RFC 3501 §9). */
export function internalDate(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${String(time.getUTCDate()).padStart(2)}-${month(time).replace(" ", "-")} ${clock(time)} +0000`;
}

/** A `date` for SEARCH (RFC 3501 §9). */
export function searchDate(seconds: number): string {
  const time = new Date(seconds * 1000);
  return `${time.getUTCDate()}-${month(time).replace(" ", "-")}`;
}

/** Seconds since 1970 of a `date-time`, NaN for what is none. */
export function secondsOf(dateTime: string): number {
  const match = /^ ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(dateTime);
  return match ? Date.parse(`${match[1]} ${match[2]} ${match[3]} ${match[4]} ${match[5]}`) / 1000 : NaN;
}

function month(time: Date): string {
  return `${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
}

function clock(time: Date): string {
  return [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
