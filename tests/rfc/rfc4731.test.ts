import { mail, protocolTest } from "../support/protocol.ts";

const flags = ["\\Flagged"];
const inbox = Array.from({ length: 12 }, (_, n) => {
  const text = mail(`${n + 1}`);
  return [2, 10, 11].includes(n + 1) ? { text, flags } : { text };
});

protocolTest("RETURN options (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 2 COUNT 3
    S: A282 OK ...
    C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A283") ALL 2,10:11
    S: A283 OK ...
    C: A284 SEARCH RETURN (MIN) FLAGGED NOT 2
    S: * ESEARCH (TAG "A284") MIN 10
    S: A284 OK ...
    C: A285 UID SEARCH RETURN (MIN MAX) 1:12 FLAGGED
    S: * ESEARCH (TAG "A285") UID MIN 2 MAX 11
    S: A285 OK ...
    C: A286 SEARCH RETURN (COUNT) FLAGGED
    S: * ESEARCH (TAG "A286") COUNT 3
    S: A286 OK ...
  `);
});

protocolTest("nothing found: no MIN, MAX, ALL; COUNT 0 (RFC 4731 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a SEARCH RETURN (MIN MAX ALL) DRAFT
    S: * ESEARCH (TAG "a")
    S: a OK ...
    C: b UID SEARCH RETURN (MIN COUNT) DRAFT
    S: * ESEARCH (TAG "b") UID COUNT 0
    S: b OK ...
    C: c SEARCH RETURN (UNHEARD) ALL
    S: c BAD ...
  `);
});

protocolTest("MODSEQ is that of what is returned (RFC 4731 §3.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const [line] = await client.ok("STATUS INBOX (HIGHESTMODSEQ)");
  const before = Number(/HIGHESTMODSEQ (\d+)/.exec(line)?.[1]);
  await client.ok("STORE 5 +FLAGS.SILENT (\\Draft)");
  await client.ok("STORE 2 +FLAGS.SILENT (\\Draft)");
  await client.ok("STORE 11 +FLAGS.SILENT (\\Draft)");
  await client.exchange(`
    C: a1 SEARCH RETURN (MIN) MODSEQ 1 DRAFT
    S: * ESEARCH (TAG "a1") MIN 2 MODSEQ ${before + 2}
    S: a1 OK ...
    C: a2 SEARCH RETURN (MAX) MODSEQ 1 DRAFT
    S: * ESEARCH (TAG "a2") MAX 11 MODSEQ ${before + 3}
    S: a2 OK ...
    C: a3 SEARCH RETURN (MIN MAX) MODSEQ 1 DRAFT
    S: * ESEARCH (TAG "a3") MIN 2 MAX 11 MODSEQ ${before + 3}
    S: a3 OK ...
    C: a4 SEARCH RETURN (MIN COUNT) MODSEQ 1 DRAFT
    S: * ESEARCH (TAG "a4") MIN 2 COUNT 3 MODSEQ ${before + 3}
    S: a4 OK ...
  `);
});
