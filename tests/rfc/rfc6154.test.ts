import { protocolTest } from "../support/protocol.ts";

protocolTest("special uses are told with and without being asked for (RFC 6154 §5.1)", async (t) => {
  const client = await t.login();
  await client.ok("RENAME Sent SentMail");
  await client.ok("CREATE ToDo");
  await client.exchange(`
    C: t1 LIST "" "%"
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasNoChildren \\Archive) "/" Archive
    S: * LIST (\\HasNoChildren \\Drafts) "/" Drafts
    S: * LIST (\\HasNoChildren \\Junk) "/" Junk
    S: * LIST (\\HasNoChildren \\Sent) "/" SentMail
    S: * LIST (\\HasNoChildren) "/" ToDo
    S: * LIST (\\HasNoChildren \\Trash) "/" Trash
    S: t1 OK ...
    C: t2 LIST "" "T%" RETURN (SPECIAL-USE)
    S: * LIST (\\HasNoChildren) "/" ToDo
    S: * LIST (\\HasNoChildren \\Trash) "/" Trash
    S: t2 OK ...
    C: t3 LIST (SPECIAL-USE) "" "*"
    S: * LIST (\\HasNoChildren \\Archive) "/" Archive
    S: * LIST (\\HasNoChildren \\Drafts) "/" Drafts
    S: * LIST (\\HasNoChildren \\Junk) "/" Junk
    S: * LIST (\\HasNoChildren \\Sent) "/" SentMail
    S: * LIST (\\HasNoChildren \\Trash) "/" Trash
    S: t3 OK ...
  `);
});

protocolTest("CREATE with a special use (RFC 6154 §5.3)", async (t) => {
  const client = await t.login();
  await client.ok("DELETE Drafts");
  await client.ok("DELETE Sent");
  await client.exchange(`
    C: t2 CREATE MySpecial (USE (\\Drafts \\Sent))
    S: t2 OK [MAILBOXID (...)] ...
    C: t3 CREATE Other (USE (\\Drafts))
    S: t3 NO [USEATTR] ...
    C: t4 CREATE Other (USE (\\Unheard))
    S: t4 NO [USEATTR] ...
    C: t5 LIST "" Other
    S: t5 OK LIST done
    C: t6 LIST "" MySpecial RETURN (SPECIAL-USE)
    S: * LIST (\\HasNoChildren \\Drafts \\Sent) "/" MySpecial
    S: t6 OK ...
  `);
});
