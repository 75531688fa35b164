import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("XLIST tells special mailboxes by Gmail's names", async (t) => {
  const client = await t.login();
  assert.match((await client.ok("CAPABILITY"))[0], / XLIST( |$)/);
  await client.ok("CREATE Marked (USE (\\Important))");
  await client.ok("CREATE Everything/Below (USE (\\All \\Flagged))");
  await client.exchange(`
    C: a XLIST "" "*"
    S: * XLIST (\\HasNoChildren \\Inbox) "/" INBOX
    S: * XLIST (\\HasNoChildren) "/" Archive
    S: * XLIST (\\HasNoChildren \\Drafts) "/" Drafts
    S: * XLIST (\\HasChildren) "/" Everything
    S: * XLIST (\\HasNoChildren \\AllMail \\Starred) "/" Everything/Below
    S: * XLIST (\\HasNoChildren \\Spam) "/" Junk
    S: * XLIST (\\HasNoChildren \\Important) "/" Marked
    S: * XLIST (\\HasNoChildren \\Sent) "/" Sent
    S: * XLIST (\\HasNoChildren \\Trash) "/" Trash
    S: a OK ...
    C: b XLIST "" "Every%"
    S: * XLIST (\\HasChildren) "/" Everything
    S: b OK ...
    C: c XLIST "" nothing
    S: c OK ...
    C: d XLIST ""
    S: d BAD ...
    C: e XLIST "" "*" RETURN (STATUS (MESSAGES))
    S: e BAD ...
  `);
});
