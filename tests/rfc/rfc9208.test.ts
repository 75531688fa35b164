import { mail, protocolTest } from "../support/protocol.ts";

const text = mail("afternoon meeting", "x".repeat(2000));

protocolTest("GETQUOTA and GETQUOTAROOT (RFC 9208 §4.1)", async (t) => {
  const client = await t.login({ inbox: [text] });
  const used = Math.ceil(text.length / 1024);
  await client.exchange(`
    C: G0001 GETQUOTA ""
    S: * QUOTA "" (STORAGE ${used} 10 MESSAGE 1 1000)
    S: G0001 OK ...
    C: G0002 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (STORAGE ${used} 10 MESSAGE 1 1000)
    S: G0002 OK ...
    C: G0005 GETQUOTAROOT to-be-created
    S: * QUOTAROOT to-be-created ""
    S: * QUOTA "" (STORAGE ${used} 10 MESSAGE 1 1000)
    S: G0005 OK ...
    C: G0003 GETQUOTA "#user/alice"
    S: G0003 NO [NONEXISTENT] ...
    C: G0004 SETQUOTA "" (STORAGE 510)
    S: G0004 NO [NOPERM] ...
  `);
}, { config: { quota: 10_240, quotaMessages: 1000 } });

protocolTest("STATUS tells what an EXPUNGE would free (RFC 9208 §4.1.4)", async (t) => {
  const flags = ["\\Deleted"];
  const client = await t.login({ inbox: [text, { text: mail("a"), flags }, { text: mail("b"), flags }] });
  const freed = mail("a").length + mail("b").length;
  await client.exchange(`
    C: S0003 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
    S: * STATUS INBOX (MESSAGES 3 DELETED 2 DELETED-STORAGE ${freed})
    S: S0003 OK ...
  `);
});

protocolTest("APPEND and COPY over quota: NO [OVERQUOTA] (RFC 9208 §4.3.1)", async (t) => {
  const client = await t.login({ inbox: [text, text] });
  await client.ok("CREATE MEETING");
  await client.exchange(`
    C: A003 APPEND MEETING (\\Seen) {${text.length}}
    S: A003 NO [OVERQUOTA] ...
    C: A004 SELECT INBOX
    S: A004 OK ...
    C: A005 COPY 1:2 MEETING
    S: A005 NO [OVERQUOTA] ...
    C: A006 MOVE 1:2 MEETING
    S: ...
    S: A006 OK ...
  `);
}, { config: { quota: 5000 } });

protocolTest("RFC 9208 §4.1.3: SETQUOTA discards the limits that it does not name", async (t) => {
  const alice = await t.account("alice@example.org");
  await t.fill("INBOX", [mail("one"), mail("two")], alice.address);
  const root = await t.account("root@example.org");
  await t.store.directory.setAdmin(root.id, true);
  await t.store.directory.setQuota(alice.id, { bytes: 111 * 1024, messages: 1000 });
  const client = await t.login({ address: root.address });
  await client.exchange(`
    C: S0000 GETQUOTA "#user/alice@example.org"
    S: * QUOTA "#user/alice@example.org" (STORAGE 1 111 MESSAGE 2 1000)
    S: S0000 OK ...
    C: S0001 SETQUOTA "#user/alice@example.org" (STORAGE 510)
    S: * QUOTA "#user/alice@example.org" (STORAGE 1 510)
    S: S0001 OK ...
    C: S0002 SETQUOTA "!partition/sda4" (STORAGE 99999999)
    S: S0002 NO ...
  `);
});

protocolTest("RFC 9208 §4.1.2 and §4.2.2: GETQUOTAROOT", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: G0002 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (STORAGE 0 512)
    S: G0002 OK ...
  `);
}, { config: { quota: 512 * 1024 } });

protocolTest("RFC 9208 §4.1.4: DELETED and DELETED-STORAGE", async (t) => {
  const deleted = { text: "x\r\n", flags: ["\\Deleted"] };
  const client = await t.login({ inbox: [...Array(8).fill("y\r\n"), ...Array(4).fill(deleted)] });
  await client.exchange(`
    C: S0003 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
    S: * STATUS INBOX (MESSAGES 12 DELETED 4 DELETED-STORAGE 12)
    S: S0003 OK ...
  `);
});

protocolTest("RFC 9208 §4.3.1, example 1: OVERQUOTA", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A002 CREATE saved-messages
    S: A002 OK ...
    C: A003 APPEND saved-messages (\\Seen) {326}
    S: A003 NO [OVERQUOTA] ...
  `);
}, { config: { quota: 300 } });
