import assert from "node:assert/strict";
import { Flag } from "../../store/flags.ts";
import { StoreError } from "../../store/types.ts";
import type { MailStore } from "../../store/store.ts";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

/** The account's store, of which one operation is replaced for its next call. */
async function once<K extends keyof MailStore>(t: TestServer, name: K, replaced: (store: MailStore) => MailStore[K]) {
  const store = await t.mail() as { -readonly [N in keyof MailStore]: MailStore[N] };
  const original = store[name];
  store[name] = ((...values: never[]) => {
    store[name] = original;
    return (replaced(store) as (...values: never[]) => unknown)(...values);
  }) as MailStore[K];
}

protocolTest("flags that another session sets while \\Seen is stored are told, too", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x"), mail("two", "y")] });
  await client.ok("SELECT INBOX");
  await once(t, "storeFlags", (store) => async (mailbox, uids, change) => {
    const first = [{ first: uids[0].first, last: uids[0].first }];
    await store.storeFlags(mailbox, first, { mode: "add", flags: { fixed: Flag.Flagged, keywords: [] } });
    return await store.storeFlags(mailbox, uids, change);
  });
  await client.exchange(`
    C: a FETCH 1:2 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x FLAGS (\\Seen \\Recent))
    S: * 2 FETCH (BODY[TEXT] {1}
    S: y FLAGS (\\Seen \\Recent))
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged \\Recent))
    S: a OK FETCH done
    C: b NOOP
    S: b OK NOOP done
  `);
});

protocolTest("when \\Seen cannot be stored the client is told the flags as they are, and NO", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x")] });
  await client.ok("SELECT INBOX");
  await once(t, "storeFlags", () => () => Promise.reject(new StoreError("diskfull", "no space left")));
  await client.exchange(`
    C: a FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {1}
    S: x FLAGS (\\Seen \\Recent))
    S: * 1 FETCH (UID 1 FLAGS (\\Recent))
    S: a NO ...
    C: b FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (\\Recent))
    S: b OK ...
  `);
});

protocolTest(
  "messages that are gone for good: the others are answered, then NO [EXPUNGEISSUED] (RFC 5530 §3)",
  async (t) => {
    const client = await t.login({ inbox: [mail("one"), mail("two")] });
    await client.ok("EXAMINE INBOX");
    await once(t, "readPacked", (store) => (mailbox, uids, columns, told) => {
      const rest = [{ first: uids[0].last, last: uids[0].last }];
      return store.readPacked(mailbox, rest, columns, told);
    });
    await client.exchange(`
    C: a FETCH 1:2 (UID RFC822.SIZE)
    S: * 2 FETCH (UID 2 RFC822.SIZE ...
    S: a NO [EXPUNGEISSUED] ...
  `);
  },
);

protocolTest("content that cannot be read ends the connection: half a literal cannot be taken back", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x".repeat(300_000))] });
  await client.ok("EXAMINE INBOX");
  await once(t, "content", () => () =>
    Promise.resolve({
      size: 300_000,
      read(start: number) {
        if (start > 100_000) throw new Error("the disk is broken");
        return new Uint8Array(50_000);
      },
      [Symbol.dispose]() {},
    }));
  await client.send("a FETCH 1 BODY.PEEK[]\r\n");
  assert.match(await client.rest(), /\* BYE message content could not be read\r\n$/);
});
