import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("YOUNGER and OLDER (RFC 5032 §2)", async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const client = await t.login({
    inbox: [{ text: mail("1"), date: now - 400_000 }, { text: mail("2"), date: now - 3600 }, mail("3")],
  });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a1 SEARCH UNSEEN YOUNGER 259200
    S: * SEARCH 2 3
    S: a1 OK ...
    C: a2 SEARCH OLDER 259200
    S: * SEARCH 1
    S: a2 OK ...
    C: a3 SEARCH YOUNGER 0
    S: a3 BAD ...
    C: a4 SEARCH YOUNGER 4294967296
    S: a4 BAD ...
  `);
});
