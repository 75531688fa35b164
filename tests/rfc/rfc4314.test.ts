/** The exchanges of RFC 4314, with `/` between levels and the accounts named as in the text. */
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("RFC 4314 §2.1.1 and §3.1: SETACL and GETACL, c and d", async (t) => {
  const fred = await t.login({ address: "Fred" });
  await fred.ok("CREATE INBOX/Drafts");
  await fred.exchange(`
    C: A001 SeTacl INBOX/Drafts David lrswida
    S: A001 OK ...
    C: A002 getacl INBOX/Drafts
    S: * ACL INBOX/Drafts Fred lrswipkxteacd David lrswitead
    S: A002 OK ...
    C: A003 Setacl INBOX/Drafts Byron lrswikda
    S: A003 OK ...
    C: A004 SETACL INBOX/Drafts Chris lrswi
    S: A004 OK ...
    C: A005 SETACL INBOX/Drafts Chris +cda
    S: A005 OK ...
    C: A006 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts Fred lrswipkxteacd Byron lrswikteacd Chris lrswikxteacd David lrswitead
    S: A006 OK ...
    C: A035 SETACL INBOX/Drafts John lrQswicda
    S: A035 BAD ...
    C: A036 SETACL INBOX/Drafts John lrqswicda
    S: A036 BAD ...
  `);
});

protocolTest("RFC 4314 §3.2: DELETEACL leaves the negative entry alone", async (t) => {
  const owner = await t.login();
  await owner.exchange(`
    C: A SETACL INBOX Fred rwipslxetad
    S: A OK ...
    C: B SETACL INBOX -Fred wetd
    S: B OK ...
    C: C SETACL INBOX $team w
    S: C OK ...
    C: B002 DeleteAcl INBOX Fred
    S: B002 OK ...
    C: B003 GETACL INBOX
    S: * ACL INBOX alice@example.org lrswipkxteacd $team w -Fred wted
    S: B003 OK ...
  `);
});

protocolTest("RFC 4314 §3.4, §3.5: LISTRIGHTS and MYRIGHTS", async (t) => {
  const client = await t.login();
  await client.ok("CREATE archive/imap");
  await client.exchange(`
    C: a005 listrights archive/imap anyone
    S: * LISTRIGHTS archive/imap anyone "" l r s w i p k x t e a c d
    S: a005 OK ...
    C: A003 MYRIGHTS INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: A003 OK ...
  `);
});

protocolTest("RFC 4314 §4: a parent that cannot be seen is not listed", async (t) => {
  const owner = await t.login();
  for (const name of ["A/B", "C/D"]) await owner.ok(`CREATE ${name}`);
  for (const name of ["A/B", "C", "C/D"]) await owner.ok(`SETACL ${name} bob@example.org l`);
  const bob = await t.login({ address: "bob@example.org" });
  await bob.exchange(`
    C: A777 LIST "Shared/alice@example.org/" *
    S: * LIST (\\HasNoChildren) "/" Shared/alice@example.org/A/B
    S: * LIST (\\HasChildren) "/" Shared/alice@example.org/C
    S: * LIST (\\HasNoChildren) "/" Shared/alice@example.org/C/D
    S: A777 OK ...
  `);
});

protocolTest("RFC 4314 §5.1.1: PERMANENTFLAGS of one who has lrwis", async (t) => {
  const owner = await t.login({ inbox: [mail("one")] });
  await owner.ok("SETACL INBOX bob@example.org lrwis");
  const bob = await t.login({ address: "bob@example.org" });
  await bob.exchange(`
    C: A142 SELECT Shared/alice@example.org/INBOX
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ...)
    S: * OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Draft ... \\*)] ...
    S: * 1 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: ...
    S: A142 OK [READ-WRITE] ...
    C: A143 MYRIGHTS Shared/alice@example.org/INBOX
    S: * MYRIGHTS Shared/alice@example.org/INBOX lrswi
    S: A143 OK ...
  `);
});
