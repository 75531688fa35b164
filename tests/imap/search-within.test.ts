import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("WITHIN: YOUNGER and OLDER compare the internal date with now (RFC 5032 §2)", async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const client = await t.login({
    inbox: [
      { text: mail("a"), date: now - 100_000 },
      { text: mail("b"), date: now - 5000 },
      { text: mail("c"), date: now },
    ],
  });
  await client.exchange(`
    C: o EXAMINE INBOX
    S: o OK ...
    C: a SEARCH YOUNGER 10000
    S: * SEARCH 2 3
    S: a OK ...
    C: b SEARCH OLDER 10000
    S: * SEARCH 1
    S: b OK ...
    C: c SEARCH OLDER 1000 YOUNGER 90000
    S: * SEARCH 2
    S: c OK ...
    C: d SEARCH YOUNGER 4294967295
    S: * SEARCH 1 2 3
    S: d OK ...
    C: e SEARCH YOUNGER 0
    S: e BAD ...
  `);
});
