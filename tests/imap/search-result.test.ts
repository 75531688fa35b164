import { mail, protocolTest } from "../support/protocol.ts";

const inbox = ["a", "b", "c", "d"].map((subject) => mail(subject));
const OPEN = `
  C: o SELECT INBOX
  S: o OK ...`;

protocolTest("SEARCHRES: SAVE keeps the result for $, alone without a response (RFC 5182 §2.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (SAVE) OR SUBJECT b SUBJECT d
    S: a OK SEARCH done
    C: b SEARCH $
    S: * SEARCH 2 4
    S: b OK ...
    C: c UID SEARCH UID $ NOT SUBJECT b
    S: * SEARCH 4
    S: c OK ...
    C: d SEARCH OR $ 1
    S: * SEARCH 1 2 4
    S: d OK ...
    C: e SEARCH ALL
    S: * SEARCH 1 2 3 4
    S: e OK ...
    C: f SEARCH $
    S: * SEARCH 2 4
    S: f OK ...
  `);
});

protocolTest("SAVE with MIN and MAX keeps those, with ALL or COUNT all (RFC 5182 §2.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (SAVE MIN) 2:4
    S: * ESEARCH (TAG "a") MIN 2
    S: a OK ...
    C: b SEARCH $
    S: * SEARCH 2
    S: b OK ...
    C: c SEARCH RETURN (MAX SAVE MIN) 2:4
    S: * ESEARCH (TAG "c") MIN 2 MAX 4
    S: c OK ...
    C: d SEARCH $
    S: * SEARCH 2 4
    S: d OK ...
    C: e SEARCH RETURN (MAX SAVE MIN COUNT) 2:4
    S: * ESEARCH (TAG "e") MIN 2 MAX 4 COUNT 3
    S: e OK ...
    C: f SEARCH $
    S: * SEARCH 2 3 4
    S: f OK ...
    C: g SEARCH RETURN (SAVE MAX) SUBJECT nothing
    S: * ESEARCH (TAG "g")
    S: g OK ...
    C: h SEARCH $
    S: * SEARCH
    S: h OK ...
  `);
});

protocolTest("after NO $ is empty, after BAD it is as before (RFC 5182 §2.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (SAVE) 2:3
    S: a OK ...
    C: b SEARCH RETURN (SAVE) 7
    S: b BAD ...
    C: c SEARCH RETURN (SAVE) NONSENSE
    S: c BAD ...
    C: d SEARCH CHARSET x-nonsense SUBJECT a
    S: d NO [BADCHARSET ...
    C: e SEARCH $
    S: * SEARCH 2 3
    S: e OK ...
    C: f SEARCH RETURN (SAVE) CHARSET x-nonsense SUBJECT a
    S: f NO [BADCHARSET ...
    C: g SEARCH $
    S: * SEARCH
    S: g OK ...
  `);
});

protocolTest("a removed message leaves $, SELECT empties it (RFC 5182 §2.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`${OPEN}
    C: a SEARCH RETURN (SAVE) 2:4
    S: a OK ...
    C: b STORE 3 +FLAGS.SILENT (\\Deleted)
    S: b OK ...
    C: c EXPUNGE
    S: c OK ...
    C: d UID SEARCH $
    S: * SEARCH 2 4
    S: d OK ...
    C: e SEARCH $
    S: * SEARCH 2 3
    S: e OK ...
    C: f SELECT INBOX
    S: f OK ...
    C: g SEARCH $
    S: * SEARCH
    S: g OK ...
  `);
});
