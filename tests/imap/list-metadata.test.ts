import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("LIST-METADATA: entries are told with each mailbox, NIL where there is none (RFC 9590 §3)", async (t) => {
  const client = await t.login();
  await client.ok('SETMETADATA INBOX (/private/comment "mine" /shared/vendor/x/y "1")');
  await client.exchange(`
    C: a LIST "" (INBOX Sent) RETURN (METADATA ("/private/comment" "/shared/vendor/x/y"))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * METADATA INBOX (/private/comment "mine" /shared/vendor/x/y "1")
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: * METADATA Sent (/private/comment NIL /shared/vendor/x/y NIL)
    S: a OK ...
    C: b LIST "" INBOX RETURN (METADATA)
    S: b BAD ...
    C: c LIST "" INBOX RETURN (METADATA ())
    S: c BAD ...
    C: d LIST "" INBOX RETURN (METADATA (comment))
    S: d BAD ...
    C: e LIST (SUBSCRIBED) "" INBOX RETURN (STATUS (MESSAGES) METADATA (/private/comment) MYRIGHTS)
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: * STATUS INBOX (MESSAGES 0)
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * METADATA INBOX (/private/comment "mine")
    S: e OK ...
  `);
});

protocolTest("LIST-METADATA tells nothing of names without a mailbox", async (t) => {
  const client = await t.login();
  await client.ok("SUBSCRIBE gone");
  assert.deepEqual(await client.ok('LIST (SUBSCRIBED) "" gone RETURN (METADATA (/private/comment) MYRIGHTS)'), [
    '* LIST (\\NonExistent \\Subscribed) "/" gone',
  ]);
});
