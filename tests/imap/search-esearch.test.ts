import { mail, protocolTest } from "../support/protocol.ts";

/** Five messages, of which 1, 3, 4 and 5 are flagged. UIDs differ from numbers by one. */
const inbox = [
  mail("gone"),
  ...[1, 2, 3, 4, 5].map((n) => ({ text: mail(`m${n}`), flags: n === 2 ? [] : ["\\Flagged"] })),
];
const OPEN = `
  C: o1 SELECT INBOX
  S: o1 OK ...
  C: o2 STORE 1 +FLAGS.SILENT (\\Deleted)
  S: o2 OK ...
  C: o3 EXPUNGE
  S: o3 OK ...`;

protocolTest("SEARCH RETURN gives MIN, MAX, ALL, COUNT in one ESEARCH (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (MIN COUNT) FLAGGED
    S: * ESEARCH (TAG "a") MIN 1 COUNT 4
    S: a OK SEARCH done
    C: b SEARCH RETURN (COUNT ALL MAX MIN) FLAGGED
    S: * ESEARCH (TAG "b") MIN 1 MAX 5 ALL 1,3:5 COUNT 4
    S: b OK ...
    C: c UID SEARCH RETURN (MIN MAX) FLAGGED
    S: * ESEARCH (TAG "c") UID MIN 2 MAX 6
    S: c OK UID SEARCH done
    C: d UID SEARCH RETURN (ALL) UNDELETED
    S: * ESEARCH (TAG "d") UID ALL 2:6
    S: d OK ...
  `);
});

protocolTest("SEARCH RETURN () is RETURN (ALL) (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN () FLAGGED
    S: * ESEARCH (TAG "a") ALL 1,3:5
    S: a OK ...
  `);
});

protocolTest("ESEARCH without matches has COUNT alone (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (MIN MAX ALL COUNT) DELETED
    S: * ESEARCH (TAG "a") COUNT 0
    S: a OK ...
    C: b UID SEARCH RETURN (MIN) DELETED
    S: * ESEARCH (TAG "b") UID
    S: b OK ...
  `);
});

protocolTest("MIN or MAX alone, decided in the store (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (MIN) OR SUBJECT m3 SUBJECT m4
    S: * ESEARCH (TAG "a") MIN 3
    S: a OK ...
    C: b SEARCH RETURN (MAX) OR SUBJECT m3 SUBJECT m4
    S: * ESEARCH (TAG "b") MAX 4
    S: b OK ...
    C: c SEARCH RETURN (MIN) OR 2 BODY m1
    S: * ESEARCH (TAG "c") MIN 1
    S: c OK ...
    C: d SEARCH RETURN (MAX) OR 2 BODY m1
    S: * ESEARCH (TAG "d") MAX 2
    S: d OK ...
    C: e SEARCH RETURN (MIN) OR (LARGER 1 SUBJECT m5) BODY m4
    S: * ESEARCH (TAG "e") MIN 4
    S: e OK ...
  `);
});

protocolTest("IMAP4rev2 clients get ESEARCH without RETURN, too (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: e ENABLE IMAP4rev2
    S: e OK ...
    ${OPEN}
    C: a SEARCH FLAGGED
    S: * ESEARCH (TAG "a") ALL 1,3:5
    S: a OK ...
    C: b UID SEARCH TEXT nothing
    S: * ESEARCH (TAG "b") UID
    S: b OK ...
    C: c SEARCH RETURN (SAVE) ALL
    S: c OK SEARCH done
  `);
});

protocolTest("MIN in the store lies before one that is known at once", async (t) => {
  const many = Array.from({ length: 300 }, (_, i) => mail(i === 199 || i === 210 ? "special" : "plain"));
  const client = await t.login({ inbox: many });
  await client.exchange(`
    C: o EXAMINE INBOX
    S: o OK ...
    C: a SEARCH RETURN (MIN) OR 290 SUBJECT special
    S: * ESEARCH (TAG "a") MIN 200
    S: a OK ...
    C: b SEARCH RETURN (MAX) OR 10 SUBJECT special
    S: * ESEARCH (TAG "b") MAX 211
    S: b OK ...
  `);
});
