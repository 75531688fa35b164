/** The examples of RFC 5256 (SORT and THREAD). */
import { type Fixture, mail, protocolTest } from "../support/protocol.ts";

function message(subject: string, minute: number, id: string, references = "", flags: string[] = []): Fixture {
  const lines = [
    `Subject: ${subject}`,
    `Date: Mon, 7 Feb 1994 ${String(Math.floor(minute / 60)).padStart(2, "0")}:${
      String(minute % 60).padStart(2, "0")
    }:00 +0000`,
    `Message-ID: <${id}@example.org>`,
    ...(references ? [`References: <${references}@example.org>`] : []),
  ];
  return { text: `${lines.join("\r\n")}\r\n\r\nx\r\n`, flags, date: Date.UTC(1994, 1, 7) / 1000 };
}

protocolTest("RFC 5256 §3 SORT: by subject, by date in reverse, and nothing found", async (t) => {
  // Subjects c, c, a, b, a; the fifth is younger than the third.
  const client = await t.login({
    inbox: [
      message("c", 2, "1"),
      message("c", 1, "2"),
      message("a", 3, "3"),
      message("b", 9, "4"),
      message("a", 8, "5"),
    ],
  });
  await client.exchange(`
    C: A281 SELECT INBOX
    S: A281 OK ...
    C: A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994
    S: * SORT 3 5 4 1 2
    S: A282 OK ...
    C: A283 SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    S: * SORT 5 3 4 1 2
    S: A283 OK ...
    C: A284 SORT (SUBJECT) US-ASCII TEXT "not in mailbox"
    S: * SORT
    S: A284 OK ...
  `);
});

protocolTest("RFC 5256 §3 THREAD: nothing found", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: A282 SELECT INBOX
    S: A282 OK ...
    C: A284 THREAD ORDEREDSUBJECT US-ASCII TEXT "gewp"
    S: * THREAD
    S: A284 OK ...
  `);
});

/** What each message of the example answers. */
const PARENTS: Readonly<Record<number, number>> = { 6: 3, 4: 6, 23: 4, 44: 6, 7: 44, 96: 7 };

protocolTest("RFC 5256 §4 THREAD response: a thread that splits", async (t) => {
  const inbox = Array.from({ length: 96 }, (_, i) => {
    const number = i + 1;
    const flags = number === 2 || number === 3 || number in PARENTS ? ["\\Flagged"] : [];
    return message(`s${number}`, number, `m${number}`, PARENTS[number] ? `m${PARENTS[number]}` : "", flags);
  });
  const client = await t.login({ inbox });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b THREAD REFERENCES UTF-8 FLAGGED
    S: * THREAD (2)(3 6 (4 23)(44 7 96))
    S: b OK ...
  `);
});

protocolTest("RFC 5256 §4 THREAD response: siblings of a parent that is not there", async (t) => {
  const inbox = Array.from({ length: 5 }, (_, i) => message(`s${i}`, i, `m${i}`, i === 2 || i === 4 ? "m0" : ""));
  const client = await t.login({ inbox });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b THREAD REFERENCES UTF-8 3,5
    S: * THREAD ((3)(5))
    S: b OK ...
  `);
});
