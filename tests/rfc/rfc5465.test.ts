/** The examples of RFC 5465 (NOTIFY). Where they break the grammar of its §8 (events without parentheses), they are written in it. */
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("RFC 5465 §3.1: the selected mailbox with attributes, and a subtree", async (t) => {
  await t.fill("Lists/Lemonade", [mail("a")]);
  await t.fill("Lists/Im2000", []);
  await t.fill("misc", []);
  const lemonade = await t.uidvalidity("Lists/Lemonade");
  const im2000 = await t.uidvalidity("Lists/Im2000");
  const misc = await t.uidvalidity("misc");
  await t.account("bob@example.org");
  const alice = await t.login();
  await alice.exchange(`
    C: b notify set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))
    S: ...
    S: * STATUS Lists/Lemonade (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${lemonade})
    S: ...
    S: b OK ...
    C: c select inbox
    S: c OK ...
  `);
  await t.fill("Lists/Lemonade", [mail("b")]);
  await alice.exchange(`S: * STATUS Lists/Lemonade (MESSAGES 2 UIDNEXT 3 UIDVALIDITY ${lemonade})`);
  await t.fill("INBOX", [mail("Re: good morning")]);
  await alice.exchange(`
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (from to subject)] {89}
    S: From: Alice <alice@example.org>
    S: To: Bob <bob@example.org>
    S: Subject: Re: good morning
    S:
    S: )
    C: d STATUS misc (UIDVALIDITY UIDNEXT MESSAGES)
    S: * STATUS misc (UIDVALIDITY ${misc} UIDNEXT 1 MESSAGES 0)
    S: d OK ...
    C: e notify set (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge)) (mailboxes misc (MessageNew MessageExpunge))
    S: e OK ...
  `);
  await t.fill("misc", [mail("c")]);
  await t.fill("Lists/Im2000", [mail("d")]);
  await alice.exchange(`
    S: * STATUS misc (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${misc})
    S: * STATUS Lists/Im2000 (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ${im2000})
  `);
});

protocolTest(
  "RFC 5465 §6: two groups for INBOX; SELECTED overrides what others say of the selected mailbox",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one")] });
    const other = await t.login();
    await alice.exchange(`
    C: a notify set (mailboxes INBOX (Messagenew messageExpunge)) (personal (SubscriptionChange))
    S: a OK ...
  `);
    await t.fill("INBOX", [mail("two")]);
    await alice.exchange("S: * STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY ...)");
    await other.ok("UNSUBSCRIBE INBOX");
    await alice.exchange('S: * LIST (\\HasNoChildren) "/" INBOX');
    await alice.exchange(`
    C: b select INBOX
    S: b OK ...
    C: c notify set (selected (Messagenew (uid flags) messageExpunge)) (personal (MessageNew FlagChange MessageExpunge))
    S: c OK ...
  `);
    await other.ok("SELECT INBOX");
    await other.ok("STORE 1 +FLAGS (\\Seen)");
    await t.fill("INBOX", [mail("three")]);
    await alice.exchange(`
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * 3 FETCH (UID 3 FLAGS (\\Recent))
  `);
  },
);

protocolTest("RFC 5465 §5.4: a mailbox that is made, renamed and deleted", async (t) => {
  const alice = await t.login();
  const other = await t.login();
  await alice.ok("NOTIFY SET (PERSONAL (MailboxName))");
  await other.ok("CREATE OldMailbox");
  await alice.exchange('S: * LIST (...) "/" OldMailbox');
  await other.ok("RENAME OldMailbox NewMailbox");
  await alice.exchange('S: * LIST (...) "/" NewMailbox ("OLDNAME" (OldMailbox))');
  await other.ok("DELETE NewMailbox");
  await alice.exchange('S: * LIST (\\NonExistent...) "/" NewMailbox');
});
