import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("SEARCH MODSEQ finds what changed and tells the highest modseq (RFC 7162 §3.1.5, §3.1.6)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c", "d"].map((subject) => mail(subject)) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  await client.ok("STORE 2 +FLAGS (\\Flagged)");
  await client.ok("STORE 4 +FLAGS (\\Flagged)");
  const lines = await client.ok("FETCH 1:4 (MODSEQ)");
  const [one, two, , four] = lines.map((line) => Number(/MODSEQ \((\d+)\)/.exec(line)?.[1]));
  assert(one < two && two < four);
  await client.exchange(String.raw`
    C: a SEARCH MODSEQ ${two}
    S: * SEARCH 2 4 (MODSEQ ${four})
    S: a OK ...
    C: b UID SEARCH MODSEQ "/flags/\\flagged" all ${two} NOT 4
    S: * SEARCH 2 (MODSEQ ${two})
    S: b OK ...
    C: c SEARCH MODSEQ ${four + 1}
    S: * SEARCH
    S: c OK ...
    C: d SEARCH RETURN (ALL) MODSEQ ${two}
    S: * ESEARCH (TAG "d") ALL 2,4 MODSEQ ${four}
    S: d OK ...
    C: e SEARCH RETURN (MIN) MODSEQ ${two}
    S: * ESEARCH (TAG "e") MIN 2 MODSEQ ${two}
    S: e OK ...
    C: f SEARCH RETURN (MIN MAX) MODSEQ 1
    S: * ESEARCH (TAG "f") MIN 1 MAX 4 MODSEQ ${four}
    S: f OK ...
    C: g SEARCH RETURN (MIN COUNT) MODSEQ ${two}
    S: * ESEARCH (TAG "g") MIN 2 COUNT 2 MODSEQ ${four}
    S: g OK ...
    C: h SEARCH RETURN (COUNT) MODSEQ ${four + 1}
    S: * ESEARCH (TAG "h") COUNT 0
    S: h OK ...
  `);
});

protocolTest("SEARCH MODSEQ turns CONDSTORE on (RFC 7162 §3.1)", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH MODSEQ 1
    S: * OK [HIGHESTMODSEQ ...
    S: * SEARCH 1 (MODSEQ ...)
    S: a OK ...
    C: b STORE 1 +FLAGS (\\Seen)
    S: * 1 FETCH (...MODSEQ (...
    S: b OK ...
  `);
});
