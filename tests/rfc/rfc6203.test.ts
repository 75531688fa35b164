/** The examples of RFC 6203 (SEARCH=FUZZY). */
import { mail, protocolTest } from "../support/protocol.ts";

const inbox = [
  mail("IMAP break"),
  mail("nothing"),
  mail("break of IMAP"),
  mail("work at home").replace("alice@", "user@"),
  mail("imap, broken by a break"),
  mail("hello"),
  mail("a letter", "say helo\r\n"),
];

protocolTest("RFC 6203 §3: fuzzy and exact keys", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: A0 SELECT INBOX
    S: A0 OK ...
    C: A1 SEARCH FUZZY (SUBJECT "IMAP break")
    S: * SEARCH 1 3 5
    S: A1 OK ...
    C: A2 SEARCH FUZZY SUBJECT work FROM user@example.org
    S: * SEARCH 4
    S: A2 OK ...
  `);
});

protocolTest("RFC 6203 §4 and §6: relevancy", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: B0 SELECT INBOX
    S: B0 OK ...
    C: B1 SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT "Helo"
    S: * ESEARCH (TAG "B1") ALL 6:7 RELEVANCY (35 60)
    S: B1 OK ...
    C: C1 SORT (RELEVANCY) UTF-8 FUZZY SUBJECT "Helo"
    S: * SORT 6
    S: C1 OK ...
    C: C2 SORT RETURN (RELEVANCY ALL) (RELEVANCY) UTF-8 FUZZY TEXT "Helo"
    S: * ESEARCH (TAG "C2") ALL 7,6 RELEVANCY (60 35)
    S: C2 OK ...
    C: C3 SORT RETURN (PARTIAL 1:10) (RELEVANCY) UTF-8 FUZZY TEXT "break"
    S: * ESEARCH (TAG "C3") PARTIAL (1:10 1,3,5)
    S: C3 OK ...
  `);
});
