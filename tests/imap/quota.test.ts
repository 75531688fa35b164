import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const text = mail("one", "x".repeat(1000));
const literal = `{${text.length}+}\r\n${text}`;

protocolTest("GETQUOTAROOT and GETQUOTA (RFC 9208 §4.1)", async (t) => {
  const client = await t.login({ inbox: [text, text] });
  await client.exchange(`
    C: a GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (STORAGE ${Math.ceil(2 * text.length / 1024)} 10 MESSAGE 2 4)
    S: a OK ...
    C: b GETQUOTA ""
    S: * QUOTA "" (STORAGE ... 10 MESSAGE 2 4)
    S: b OK ...
    C: c GETQUOTA "#user/alice"
    S: c NO [NONEXISTENT] ...
    C: d GETQUOTAROOT nowhere
    S: * QUOTAROOT nowhere ""
    S: * QUOTA "" (STORAGE ... 10 MESSAGE 2 4)
    S: d OK ...
  `);
}, { config: { quota: 10240, quotaMessages: 4 } });

protocolTest("over quota: APPEND and COPY are refused and change nothing; MOVE is not (RFC 9208 §5)", async (t) => {
  const client = await t.login({ inbox: [text, text, text] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a COPY 1:2 Archive
    S: a NO [OVERQUOTA] ...
  `);
  await client.send(`c APPEND Archive ${literal} ${literal}\r\n`);
  assert.match(await client.line(), /^c NO \[OVERQUOTA\]/);
  assert.deepEqual(await client.ok("STATUS Archive (MESSAGES)"), ["* STATUS Archive (MESSAGES 0)"]);
  await client.ok("MOVE 1:3 Archive");
  await client.send(`d APPEND Archive ${literal}\r\n`);
  assert.match(await client.line(), /^d OK/);
  await client.exchange(`
    C: e APPEND Archive {100}
    S: e NO [OVERQUOTA] ...
  `);
}, { config: { quotaMessages: 4 } });

protocolTest("an expunge frees quota", async (t) => {
  const client = await t.login({ inbox: [text] });
  await client.ok("SELECT INBOX");
  await client.send(`a APPEND INBOX ${literal}\r\n`);
  assert.match(await client.line(), /^a NO \[OVERQUOTA\]/);
  await client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  await client.send(`b APPEND INBOX ${literal}\r\n`);
  assert.match((await client.answer("b")).at(-1) ?? "", /^b OK/);
}, { config: { quota: 1500 } });

protocolTest("without limits QUOTA tells no resource", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" ()
    S: a OK ...
  `);
});
