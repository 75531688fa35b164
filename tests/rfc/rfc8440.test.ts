/** The exchanges of RFC 8440, with a mailbox of somebody else as the one with few rights. */
import { protocolTest } from "../support/protocol.ts";

protocolTest("RFC 8440 §4: MYRIGHTS with LIST, none for what is no mailbox", async (t) => {
  const owner = await t.login({ address: "foo" });
  await owner.ok("SETACL INBOX alice@example.org lrs");
  const client = await t.login();
  await client.ok("SUBSCRIBE Shared/foo/bar");
  await client.exchange(`
    C: A01 LIST (SUBSCRIBED) "" (INBOX Shared/foo/bar) RETURN (MYRIGHTS)
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * LIST (\\NonExistent \\Subscribed) "/" Shared/foo/bar
    S: A01 OK ...
    C: A02 LIST "" Shared/foo/% RETURN (MYRIGHTS)
    S: * LIST (\\HasNoChildren) "/" Shared/foo/INBOX
    S: * MYRIGHTS Shared/foo/INBOX lrs
    S: A02 OK ...
  `);
});
