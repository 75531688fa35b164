import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("ESEARCH answers for each mailbox with matches (MULTISEARCH, RFC 7377 §2.1)", async (t) => {
  const client = await t.login({ inbox: [mail("apple"), mail("pear")] });
  await t.fill("fruit", [mail("pear"), mail("apple"), mail("apple pie")]);
  await t.fill("fruit/tree", [mail("apple tree")]);
  await t.fill("fruit/tree/branch", [mail("apple branch")]);
  await t.fill("Äpfel & Birnen", [mail("apple")]);
  const [inbox, fruit, tree, branch, other] = await Promise.all(
    ["INBOX", "fruit", "fruit/tree", "fruit/tree/branch", "Äpfel & Birnen"].map((name) => t.uidvalidity(name)),
  );
  await client.exchange(`
    C: a ESEARCH IN (mailboxes ("fruit" INBOX "no such") subtree "fruit/tree") subject apple
    S: * ESEARCH (TAG "a" MAILBOX fruit UIDVALIDITY ${fruit}) UID ALL 2:3
    S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 1
    S: * ESEARCH (TAG "a" MAILBOX fruit/tree UIDVALIDITY ${tree}) UID ALL 1
    S: * ESEARCH (TAG "a" MAILBOX fruit/tree/branch UIDVALIDITY ${branch}) UID ALL 1
    S: a OK ESEARCH done
    C: b ESEARCH IN (subtree-one fruit) RETURN (MIN COUNT) subject apple
    S: * ESEARCH (TAG "b" MAILBOX fruit UIDVALIDITY ${fruit}) UID MIN 2 COUNT 2
    S: * ESEARCH (TAG "b" MAILBOX fruit/tree UIDVALIDITY ${tree}) UID MIN 1 COUNT 1
    S: b OK ...
    C: c ESEARCH IN (personal) RETURN (COUNT) subject apple
    S: * ESEARCH (TAG "c" MAILBOX INBOX UIDVALIDITY ${inbox}) UID COUNT 1
    S: * ESEARCH (TAG "c" MAILBOX fruit UIDVALIDITY ${fruit}) UID COUNT 2
    S: * ESEARCH (TAG "c" MAILBOX fruit/tree UIDVALIDITY ${tree}) UID COUNT 1
    S: * ESEARCH (TAG "c" MAILBOX fruit/tree/branch UIDVALIDITY ${branch}) UID COUNT 1
    S: * ESEARCH (TAG "c" MAILBOX "&AMQ-pfel &- Birnen" UIDVALIDITY ${other}) UID COUNT 1
    S: c OK ...
    C: d UNSUBSCRIBE fruit
    S: d OK ...
    C: e ESEARCH IN (subscribed) subject pear
    S: * ESEARCH (TAG "e" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 2
    S: e OK ...
    C: f ESEARCH IN (inboxes) subject nowhere
    S: f OK ...
    C: g ESEARCH IN (mailboxes fruit mailboxes fruit subtree fruit) RETURN (PARTIAL -1:-1) subject apple
    S: * ESEARCH (TAG "g" MAILBOX fruit UIDVALIDITY ${fruit}) UID PARTIAL (-1:-1 3)
    S: * ESEARCH (TAG "g" MAILBOX fruit/tree UIDVALIDITY ${tree}) UID PARTIAL (-1:-1 1)
    S: * ESEARCH (TAG "g" MAILBOX fruit/tree/branch UIDVALIDITY ${branch}) UID PARTIAL (-1:-1 1)
    S: g OK ...
  `);
});

protocolTest("names are UTF-8 after ENABLE (RFC 9755 §3, RFC 7377)", async (t) => {
  const client = await t.login();
  await t.fill("Äpfel", [mail("apple")]);
  const bytes = new TextEncoder().encode("Äpfel");
  await client.exchange(`
    C: e ENABLE UTF8=ACCEPT
    S: e OK ...
    C: a ESEARCH IN (mailboxes "Äpfel") ALL
    S: * ESEARCH (TAG "a" MAILBOX "${String.fromCharCode(...bytes)}" UIDVALIDITY ${await t.uidvalidity(
    "Äpfel",
  )}) UID ALL 1
    S: a OK ...
  `);
});

protocolTest("without sources it is the selected mailbox, which others leave as it is (RFC 7377 §2.2)", async (t) => {
  const client = await t.login({ inbox: [mail("a"), mail("b")] });
  await t.fill("other", [mail("b"), mail("c")]);
  const [inbox, other] = [await t.uidvalidity("INBOX"), await t.uidvalidity("other")];
  await client.exchange(`
    C: a ESEARCH SUBJECT b
    S: a BAD ...
    C: b ESEARCH IN (selected) SUBJECT b
    S: b BAD ...
    C: c ESEARCH IN (mailboxes other) RETURN (UPDATE COUNT) SUBJECT b
    S: c BAD ...
    C: o SELECT INBOX
    S: o OK ...
    C: d ESEARCH SUBJECT b
    S: * ESEARCH (TAG "d" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 2
    S: d OK ...
    C: e UID ESEARCH IN (selected) RETURN (SAVE) SUBJECT b
    S: e OK ...
    C: f ESEARCH IN (selected mailboxes (other INBOX)) SUBJECT b
    S: * ESEARCH (TAG "f" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 2
    S: * ESEARCH (TAG "f" MAILBOX other UIDVALIDITY ${other}) UID ALL 1
    S: f OK ...
    C: g SEARCH $
    S: * SEARCH 2
    S: g OK ...
    C: h ESEARCH IN (mailboxes other) RETURN (SAVE) ALL
    S: h BAD ...
    C: i ESEARCH IN (mailboxes other) $
    S: i BAD ...
    C: j ESEARCH $
    S: * ESEARCH (TAG "j" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 2
    S: j OK ...
  `);
});

protocolTest("message numbers are those of each mailbox, and may be beyond its end (RFC 7377 §2)", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await t.fill("other", [mail("b"), mail("c"), mail("d")]);
  const [inbox, other] = [await t.uidvalidity("INBOX"), await t.uidvalidity("other")];
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a ESEARCH 1:100
    S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ALL 1
    S: a OK ...
    C: b ESEARCH 101:200
    S: b OK ...
    C: c ESEARCH IN (mailboxes (INBOX other)) 2:3
    S: * ESEARCH (TAG "c" MAILBOX other UIDVALIDITY ${other}) UID ALL 2:3
    S: c OK ...
    C: d ESEARCH IN (mailboxes other) NOT 2:100
    S: * ESEARCH (TAG "d" MAILBOX other UIDVALIDITY ${other}) UID ALL 1
    S: d OK ...
  `);
});

protocolTest("UPDATE is for the selected mailbox alone (RFC 7377 §2.2)", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await t.fill("other", [mail("b")]);
  const [inbox, other] = [await t.uidvalidity("INBOX"), await t.uidvalidity("other")];
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a ESEARCH IN (selected mailboxes other) RETURN (UPDATE COUNT) SUBJECT b
    S: * ESEARCH (TAG "a" MAILBOX other UIDVALIDITY ${other}) UID COUNT 1
    S: a OK ...
  `);
  await t.fill("INBOX", [mail("b")]);
  await t.fill("other", [mail("b")]);
  await client.exchange(`
    C: n NOOP
    S: * 2 EXISTS
    S: * ... RECENT
    S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY ${inbox}) UID ADDTO (0 2)
    S: n OK ...
  `);
});

protocolTest("wrong grammar of ESEARCH (RFC 7377 §4)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a ESEARCH IN () ALL
    S: a BAD ...
    C: b ESEARCH IN (selected-delayed) ALL
    S: b BAD ...
    C: c ESEARCH IN (mailboxes) ALL
    S: c BAD ...
    C: d ESEARCH IN (mailboxes ()) ALL
    S: d BAD ...
    C: e ESEARCH IN (personal (scope)) ALL
    S: e BAD ...
    C: f ESEARCH IN personal ALL
    S: f BAD ...
    C: g ESEARCH IN (personal)
    S: g BAD ...
    C: h ESEARCH IN (personal) RETURN (ALL PARTIAL 1:1) ALL
    S: h BAD ...
    C: i ESEARCH IN (personal) CHARSET X-NONE ALL
    S: i NO [BADCHARSET (...)] ...
  `);
});

protocolTest(
  "ESEARCH tells nothing of mailboxes that may not be read, or not be seen (RFC 7377 §2.2, §5)",
  async (t) => {
    const bob = await t.login({ address: "bob@example.org" });
    for (const name of ["open", "closed", "hidden"]) await t.fill(name, [mail("apple")], "bob@example.org");
    const client = await t.login({ inbox: [mail("apple")] });
    await bob.ok("SETACL open alice@example.org lr");
    await bob.ok("SETACL closed alice@example.org l");
    await bob.ok("SETACL hidden alice@example.org r");
    const open = await t.uidvalidity("open", "bob@example.org");
    const shared = "Shared/bob@example.org";
    await client.exchange(`
    C: a ESEARCH IN (mailboxes ("${shared}/hidden" "${shared}/open" "${shared}/closed" "${shared}/none")) SUBJECT apple
    S: * ESEARCH (TAG "a" MAILBOX ${shared}/open UIDVALIDITY ${open}) UID ALL 1
    S: a OK ...
    C: b ESEARCH IN (subtree Shared) SUBJECT apple
    S: * ESEARCH (TAG "b" MAILBOX ${shared}/open UIDVALIDITY ${open}) UID ALL 1
    S: b OK ...
    C: c ESEARCH IN (personal) RETURN (COUNT) SUBJECT apple
    S: * ESEARCH (TAG "c" MAILBOX INBOX UIDVALIDITY ${await t.uidvalidity("INBOX")}) UID COUNT 1
    S: c OK ...
  `);
  },
);

protocolTest("ESEARCH in a UIDONLY session: UIDs alone, in keys too (RFC 7377 §2.1, RFC 9586)", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await t.fill("other", [mail("a"), mail("b")]);
  await client.exchange(`
    C: o ENABLE UIDONLY
    S: o OK ...
    C: p SELECT INBOX
    S: p OK ...
    C: a ESEARCH IN (selected mailboxes other) 1
    S: a BAD [UIDREQUIRED] ...
    C: b ESEARCH IN (selected mailboxes other) UID 2:9
    S: * ESEARCH (TAG "b" MAILBOX other UIDVALIDITY ${await t.uidvalidity("other")}) UID ALL 2
    S: b OK ...
    C: c ESEARCH RETURN (SAVE) UID 1
    S: c OK ...
    C: d UID SEARCH $
    S: * SEARCH 1
    S: d OK ...
  `);
});
