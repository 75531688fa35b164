/** SEARCH by header, text and flags, each with the exact hits; for the first time after a restart, and again. */
import { Buffer } from "node:buffer";
import { check } from "../check.ts";
import { ANY, type Facts, facts, searchDate, WORDS } from "../corpus.ts";
import type { Answer, ImapClient } from "../imapclient.ts";
import { median, timed } from "../measure.ts";
import { MIDDLE, prepareMiddle, select } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

interface Query {
  readonly what: string;
  readonly key: string;
  readonly hit: (message: Facts) => boolean;
}

const AGAIN = 3;

export const search: Scenario = {
  name: "search",
  title: "SEARCH in the middle mailbox, messages of 1 KiB to 5 MiB",
  rounds: [2, 3],
  prepare: prepareMiddle,
  async measure(run) {
    const count = run.scale.middle;
    const known = facts(ANY, count);
    await run.server.restart();
    const client = await run.login();
    await select(client, MIDDLE, count);
    for (const query of queries(known[Math.floor(count * 0.8)].date)) await one(run, client, query, known);
    await run.logout(client);
  },
};

/** @param late a date that most messages are before */
function queries(late: number): Query[] {
  const since = searchDate(late);
  const isSince = ({ date }: Facts) => date >= Math.floor(late / 86_400) * 86_400;
  const inSubject = (word: string) => ({ subject }: Facts) => subject.toLowerCase().includes(word);
  const from = (text: string) => (message: Facts) => message.from.address.includes(text);
  const inBody = (word: string) => ({ words }: Facts) => words.includes(word);
  const { bodyRare, bodyCommon, absent, text, subjectRare, subjectCommon, subjectUtf8, fromRare, fromCommon } = WORDS;
  const inText = (message: Facts) => inBody(text)(message) || inSubject(text)(message);
  return [
    { what: "FROM, rare", key: `FROM "${fromRare}"`, hit: from(fromRare) },
    { what: "FROM, common", key: `FROM "${fromCommon}"`, hit: from(fromCommon) },
    { what: "SUBJECT, rare", key: `SUBJECT "${subjectRare}"`, hit: inSubject(subjectRare) },
    { what: "SUBJECT, common", key: `SUBJECT "${subjectCommon}"`, hit: inSubject(subjectCommon) },
    { what: "SUBJECT, UTF-8", key: `SUBJECT "${subjectUtf8}"`, hit: inSubject(subjectUtf8) },
    { what: "SINCE", key: `SINCE ${since}`, hit: isSince },
    { what: "UNSEEN", key: "UNSEEN", hit: ({ flags }) => !flags.includes("\\Seen") },
    { what: "BODY, rare", key: `BODY "${bodyRare}"`, hit: inBody(bodyRare) },
    { what: "BODY, common", key: `BODY "${bodyCommon}"`, hit: inBody(bodyCommon) },
    { what: "BODY, absent", key: `BODY "${absent}"`, hit: () => false },
    { what: "BODY, part of a word", key: `BODY "${bodyRare.slice(3, 9)}"`, hit: inBody(bodyRare) },
    { what: "TEXT, rare", key: `TEXT "${text}"`, hit: inText },
    { what: "TEXT, common", key: `TEXT "${bodyCommon}"`, hit: inBody(bodyCommon) },
    { what: "TEXT, absent", key: `TEXT "${absent}"`, hit: () => false },
    {
      what: "UNSEEN FROM SINCE",
      key: `UNSEEN FROM "${fromCommon}" SINCE ${since}`,
      hit: (message) => isSince(message) && from(fromCommon)(message) && !message.flags.includes("\\Seen"),
    },
    {
      what: "OR SUBJECT NOT FROM LARGER",
      key: `OR SUBJECT "${subjectRare}" SUBJECT "${text}" NOT FROM "${fromCommon}" LARGER 4000`,
      hit: (message) =>
        (inSubject(subjectRare)(message) || inSubject(text)(message)) && !from(fromCommon)(message) &&
        message.size > 4000,
    },
  ];
}

async function one(run: Run, client: ImapClient, query: Query, known: readonly Facts[]): Promise<void> {
  const expected = known.filter(query.hit).map(({ number }) => number + 1).join(" ");
  const took: number[] = [];
  for (let at = 0; at <= AGAIN; at++) {
    let answer: Answer | undefined;
    took.push(await timed(async () => answer = await send(client, query.key)));
    check(hitsOf(answer) === expected, `SEARCH ${query.key}: ${hitsOf(answer)} instead of ${expected}`.slice(0, 500));
  }
  run.cost(`${query.what}, first`, took[0], "ms");
  run.cost(`${query.what}, again`, median(took.slice(1)), "ms");
}

/** Other than ASCII goes as a literal, as UTF-8. */
async function send(client: ImapClient, key: string): Promise<Answer> {
  if (/^[ -~]*$/.test(key)) return await client.ok(`SEARCH ${key}`);
  const [name, needle] = key.split('"');
  const bytes = Buffer.from(needle);
  const line = `SEARCH CHARSET UTF-8 ${name}{${bytes.length}+}\r\n`;
  return await client.commandOf([Buffer.from(line), bytes, Buffer.from("\r\n")]);
}

function hitsOf(answer: Answer | undefined): string {
  const line = answer?.untagged.find((response) => /^SEARCH\b/i.test(response));
  check(answer?.status === "OK" && line !== undefined, `SEARCH: ${answer?.status} ${answer?.text}`);
  const numbers = line.slice(6).replace(/\(MODSEQ \d+\)/i, "").trim();
  return numbers === "" ? "" : numbers.split(" ").map(Number).sort((a, b) => a - b).join(" ");
}
