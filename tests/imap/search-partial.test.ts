import { mail, protocolTest } from "../support/protocol.ts";

/** Ten messages, of which the even ones are flagged; UIDs are numbers plus one. */
const inbox = [
  mail("gone"),
  ...Array.from({ length: 10 }, (_, i) => ({ text: mail(`m${i + 1}`), flags: i % 2 ? ["\\Flagged"] : [] })),
];
const OPEN = `
  C: o1 SELECT INBOX
  S: o1 OK ...
  C: o2 STORE 1 +FLAGS.SILENT (\\Deleted)
  S: o2 OK ...
  C: o3 EXPUNGE
  S: o3 OK ...`;

protocolTest("SEARCH RETURN (PARTIAL) from either end (PARTIAL, RFC 9394 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (PARTIAL 1:2) FLAGGED
    S: * ESEARCH (TAG "a") PARTIAL (1:2 2,4)
    S: a OK ...
    C: b UID SEARCH RETURN (PARTIAL -1:-2) FLAGGED
    S: * ESEARCH (TAG "b") UID PARTIAL (-1:-2 9,11)
    S: b OK ...
    C: c SEARCH RETURN (PARTIAL 4:100 COUNT) FLAGGED
    S: * ESEARCH (TAG "c") PARTIAL (4:100 8,10) COUNT 5
    S: c OK ...
    C: d SEARCH RETURN (PARTIAL 6:9 MIN) FLAGGED
    S: * ESEARCH (TAG "d") MIN 2 PARTIAL (6:9 NIL)
    S: d OK ...
    C: e SEARCH RETURN (PARTIAL 3:1) ALL
    S: * ESEARCH (TAG "e") PARTIAL (3:1 1:3)
    S: e OK ...
    C: f SEARCH RETURN (PARTIAL -100:-9) ALL
    S: * ESEARCH (TAG "f") PARTIAL (-100:-9 1:2)
    S: f OK ...
    C: g SEARCH RETURN (PARTIAL 1:4294967295) SEEN
    S: * ESEARCH (TAG "g") PARTIAL (1:4294967295 NIL)
    S: g OK ...
  `);
});

protocolTest("what $ gets with PARTIAL (RFC 9394 §3.2 table 1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(OPEN);
  const cases: [string, string][] = [
    ["SAVE PARTIAL 2:3", "4 6"],
    ["SAVE PARTIAL 2:3 MIN", "2 4 6"],
    ["SAVE PARTIAL 2:3 MAX", "4 6 10"],
    ["SAVE PARTIAL -1:-1 MIN MAX", "2 10"],
    ["SAVE PARTIAL 2:3 COUNT MIN", "2 4 6 8 10"],
    ["SAVE PARTIAL 20:30", ""],
    ["SAVE PARTIAL 20:30 MAX", "10"],
  ];
  for (const [options, saved] of cases) {
    await client.ok(`SEARCH RETURN (${options}) FLAGGED`);
    const tag = `x${options.replace(/\W/g, "")}`;
    await client.exchange(`
      C: ${tag} SEARCH $
      S: * SEARCH${saved && ` ${saved}`}
      S: ${tag} OK ...
    `);
  }
});

protocolTest("wrong grammar of PARTIAL (RFC 9394 §3.1, §4)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH RETURN (PARTIAL 1:2 ALL) ALL
    S: a BAD ...
    C: b SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL
    S: b BAD ...
    C: c SEARCH RETURN (PARTIAL 0:2) ALL
    S: c BAD ...
    C: d SEARCH RETURN (PARTIAL 1) ALL
    S: d BAD ...
    C: e SEARCH RETURN (PARTIAL 1:-2) ALL
    S: e BAD ...
    C: f SEARCH RETURN (PARTIAL -1:2) ALL
    S: f BAD ...
    C: g SEARCH RETURN (PARTIAL 1:*) ALL
    S: g BAD ...
    C: h SEARCH RETURN (PARTIAL) ALL
    S: h BAD ...
    C: i SEARCH RETURN (PARTIAL 1:2) CHANGEDSINCE
    S: i BAD ...
  `);
});

protocolTest("UIDAFTER and UIDBEFORE (RFC 9738 §3.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a UID SEARCH UIDAFTER 9
    S: * SEARCH 10 11
    S: a OK ...
    C: b UID SEARCH UIDBEFORE 4
    S: * SEARCH 2 3
    S: b OK ...
    C: c UID SEARCH OR UIDBEFORE 1 UIDAFTER 4294967295
    S: * SEARCH
    S: c OK ...
    C: d UID SEARCH UIDAFTER 0
    S: d BAD ...
    C: e UID SEARCH UIDAFTER *
    S: e BAD ...
  `);
});

protocolTest("SEARCH looks at the highest messages up to MESSAGELIMIT (RFC 9738 §3.1, §3.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a UID SEARCH UID 1:11 FLAGGED
    S: * SEARCH 9 11
    S: a OK [MESSAGELIMIT 4 8] ...
    C: b UID SEARCH UID 2:5 FLAGGED
    S: * SEARCH 3 5
    S: b OK UID SEARCH done
    C: c SEARCH RETURN (SAVE COUNT) FLAGGED
    S: * ESEARCH (TAG "c") COUNT 2
    S: c OK [MESSAGELIMIT 4 8] ...
    C: d SEARCH $
    S: * SEARCH 8 10
    S: d OK ...
  `);
}, { config: { limits: { messagesPerCommand: 4 } } });
