import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

interface Message {
  readonly seen: boolean;
  readonly flagged: boolean;
  readonly work: boolean;
  readonly day: number;
  readonly subject: string;
  readonly body: string;
  readonly size: number;
}

/** A repeatable stream of numbers below n. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

type Model = (message: Message, number: number) => boolean;

const WORDS = ["apple", "berry", "cherry", "date"];
const COUNT = 400;

/** A search key and what it means. */
function randomKey(random: (n: number) => number, depth: number): [string, Model] {
  const kinds = depth > 0 ? 14 : 11;
  switch (random(kinds)) {
    case 0:
      return ["SEEN", (m) => m.seen];
    case 1:
      return ["UNFLAGGED", (m) => !m.flagged];
    case 2:
      return ["KEYWORD work", (m) => m.work];
    case 3: {
      const word = WORDS[random(WORDS.length)];
      return [`SUBJECT ${word}`, (m) => m.subject.includes(word)];
    }
    case 4: {
      const word = WORDS[random(WORDS.length)];
      return [`BODY ${word}`, (m) => m.body.includes(word)];
    }
    case 5: {
      const word = WORDS[random(WORDS.length)];
      return [`TEXT ${word}`, (m) => m.body.includes(word) || m.subject.includes(word)];
    }
    case 6: {
      const day = random(20);
      return [`SINCE ${day + 1}-Jan-1970`, (m) => m.day >= day];
    }
    case 7: {
      const size = 150 + random(60);
      return [`LARGER ${size}`, (m) => m.size > size];
    }
    case 8: {
      const from = 1 + random(COUNT);
      const to = 1 + random(COUNT);
      return [`${from}:${to}`, (_, n) => n >= Math.min(from, to) && n <= Math.max(from, to)];
    }
    case 9: {
      const from = 1 + random(COUNT);
      return [`UID ${from}:*`, (_, n) => n >= from];
    }
    case 10:
      return ["ALL", () => true];
    case 11: {
      const [key, model] = randomKey(random, depth - 1);
      return [`NOT ${key}`, (m, n) => !model(m, n)];
    }
    case 12: {
      const [a, isA] = randomKey(random, depth - 1);
      const [b, isB] = randomKey(random, depth - 1);
      return [`OR ${a} ${b}`, (m, n) => isA(m, n) || isB(m, n)];
    }
    default: {
      const parts = Array.from({ length: 2 + random(2) }, () => randomKey(random, depth - 1));
      return [`(${parts.map(([key]) => key).join(" ")})`, (m, n) => parts.every(([, model]) => model(m, n))];
    }
  }
}

protocolTest("SEARCH finds what a simple model finds, for random keys", async (t) => {
  const random = numbers(42);
  const messages: Message[] = [];
  const inbox = Array.from({ length: COUNT }, () => {
    const subject = WORDS[random(4)] + random(3);
    const body = Array.from({ length: random(4) }, () => WORDS[random(4)]).join(" ");
    const text = mail(subject, body).replace(/Message-ID[^\r]+\r\n/, "").replace(/Date:/, "X-Day:");
    const message = {
      seen: random(2) === 0,
      flagged: random(2) === 0,
      work: random(3) === 0,
      day: random(20),
      subject,
      body,
      size: text.length,
    };
    messages.push(message);
    const flags = [message.seen && "\\Seen", message.flagged && "\\Flagged", message.work && "work"];
    return { text, flags: flags.filter((flag) => flag !== false), date: message.day * 86_400 };
  });
  const client = await t.login({ inbox });
  await client.ok("EXAMINE INBOX");
  for (let round = 0; round < 300; round++) {
    const [key, model] = randomKey(random, 4);
    const expected = messages.flatMap((message, i) => model(message, i + 1) ? [i + 1] : []);
    assert.deepEqual(await client.ok(`SEARCH ${key}`), [["* SEARCH", ...expected].join(" ")], key);
    const end = round % 2 ? "MIN" : "MAX";
    const value = expected.at(round % 2 ? 0 : -1);
    const [line] = await client.ok(`SEARCH RETURN (${end}) ${key}`);
    assert.equal(line.replace(/\(TAG "\w+"\)/, "()"), `* ESEARCH ()${value ? ` ${end} ${value}` : ""}`, key);
  }
});
