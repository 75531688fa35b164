import { Buffer } from "node:buffer";
import { NO_FLAGS } from "../../store/flags.ts";
import type { MailboxName } from "../../store/types.ts";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

/** Many messages in INBOX, put there a thousand at a time. */
async function fillMany(t: TestServer, count: number): Promise<void> {
  const store = await t.mail();
  const bytes = Buffer.from(mail("x"));
  for (let left = count; left > 0; left -= 1000) {
    const drafts = await Promise.all(Array.from({ length: Math.min(left, 1000) }, async () => {
      const draft = await store.draft(bytes.length);
      await draft.write(bytes);
      return { draft, flags: NO_FLAGS };
    }));
    await store.append("INBOX" as MailboxName, drafts);
  }
}

protocolTest("UIDBATCHES tells ranges of so many messages, from the highest UID down (RFC 10022)", async (t) => {
  await fillMany(t, 1210);
  const alice = await t.login();
  await alice.ok("SELECT INBOX");
  await alice.ok("UID STORE 5,600:604 +FLAGS.SILENT (\\Deleted)");
  await alice.ok("UID EXPUNGE 1:1210");
  // 1204 messages: 711:1210 are the highest 500, then 205:710 without the five at 600:604 are 501.
  await alice.exchange(`
    C: a1 UIDBATCHES 500
    S: * UIDBATCHES (TAG "a1") 1210:711,710:206,205:1
    S: a1 OK ...
    C: a2 UIDBATCHES 500 2:2
    S: * UIDBATCHES (TAG "a2") 710:206
    S: a2 OK ...
    C: a3 UIDBATCHES 500 2:9
    S: * UIDBATCHES (TAG "a3") 710:206,205:1
    S: a3 OK ...
    C: a4 UIDBATCHES 500 4:5
    S: * UIDBATCHES (TAG "a4")
    S: a4 OK ...
    C: a5 UIDBATCHES 5000
    S: * UIDBATCHES (TAG "a5") 1210:1
    S: a5 OK ...
  `);
});

protocolTest("UIDBATCHES of an empty mailbox and of one message", async (t) => {
  const alice = await t.login();
  await alice.ok("SELECT INBOX");
  await alice.exchange(`
    C: a1 UIDBATCHES 1000
    S: * UIDBATCHES (TAG "a1")
    S: a1 OK ...
  `);
  await t.fill("INBOX", [mail("one")]);
  await alice.exchange(`
    C: a2 UIDBATCHES 1000
    S: ...
    S: * UIDBATCHES (TAG "a2") 1
    S: a2 OK ...
  `);
});

protocolTest("UIDBATCHES refuses small batches, too many messages, wrong grammar and the wrong state", async (t) => {
  const alice = await t.login();
  await alice.exchange(`
    C: a0 UIDBATCHES 1000
    S: a0 BAD ...
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UIDBATCHES 499
    S: a2 NO [TOOSMALL] ...
    C: a3 UIDBATCHES 1000 1:101
    S: a3 NO [LIMIT] ...
    C: a4 UIDBATCHES 0
    S: a4 BAD ...
    C: a5 UIDBATCHES 1000 0:1
    S: a5 BAD ...
    C: a6 UIDBATCHES 1000 2:1
    S: a6 BAD ...
    C: a7 UIDBATCHES 1000 1
    S: a7 BAD ...
    C: a8 UIDBATCHES
    S: a8 BAD ...
    C: a9 UID UIDBATCHES 1000
    S: a9 BAD ...
  `);
});
