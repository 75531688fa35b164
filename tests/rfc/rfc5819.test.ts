import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("LIST RETURN (STATUS): a LIST and a STATUS response for each mailbox (RFC 5819 §3, A01)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await t.fill("foo", [{ text: mail("three"), flags: ["\\Seen"] }]);
  await client.exchange(`
    C: A01 LIST "" (INBOX foo) RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 2 UNSEEN 2)
    S: * LIST (\\HasNoChildren) "/" foo
    S: * STATUS foo (MESSAGES 1 UNSEEN 0)
    S: A01 OK ...
  `);
});

protocolTest("no STATUS for a mailbox that is listed only for its children (RFC 5819 §3, A02)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  for (const name of ["Archive", "Drafts", "Junk", "Sent", "Trash"]) await client.ok(`UNSUBSCRIBE ${name}`);
  await client.ok("CREATE foo/bar");
  await client.ok("UNSUBSCRIBE foo");
  await client.exchange(`
    C: A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES))
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1)
    S: * LIST (\\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: A02 OK ...
  `);
});
