import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("UNSELECT leaves the mailbox and removes nothing (RFC 3691 §2)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("1"), flags: ["\\Deleted"] }] });
  await client.exchange(`
    C: A340 UNSELECT
    S: A340 BAD ...
    C: A341 SELECT INBOX
    S: A341 OK ...
    C: A342 UNSELECT
    S: A342 OK UNSELECT done
    C: A343 STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 1)
    S: A343 OK ...
    C: A344 FETCH 1 FLAGS
    S: A344 BAD ...
  `);
});
