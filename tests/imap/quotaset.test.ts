import assert from "node:assert/strict";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

const text = mail("one", "x".repeat(1000));
const literal = `{${text.length}+}\r\n${text}`;

async function admin(t: TestServer) {
  const account = await t.account("root@example.org");
  await t.store.directory.setAdmin(account.id, true);
  return await t.login({ address: "root@example.org" });
}

protocolTest("QUOTASET: an administrator sets limits, of any account (RFC 9208 §4.1.3)", async (t) => {
  const bob = await t.login({ address: "Bob@example.org", inbox: [text] });
  const client = await admin(t);
  await client.exchange(`
    C: a SETQUOTA "#user/bob@example.org" (STORAGE 3 MESSAGE 7)
    S: * QUOTA #user/Bob@example.org (STORAGE 2 3 MESSAGE 1 7)
    S: a OK ...
    C: b GETQUOTA "#user/BOB@example.org"
    S: * QUOTA #user/Bob@example.org (STORAGE 2 3 MESSAGE 1 7)
    S: b OK ...
    C: c SETQUOTA "" (message 100)
    S: * QUOTA "" (MESSAGE 0 100)
    S: c OK ...
  `.replaceAll("* QUOTA #user/Bob@example.org", '* QUOTA "#user/Bob@example.org"'));
  assert.deepEqual(await bob.ok('GETQUOTA ""'), ['* QUOTA "" (STORAGE 2 3 MESSAGE 1 7)']);
  assert.match((await bob.command(`APPEND INBOX ${literal}`)).at(-1) ?? "", / OK /);
  assert.match((await bob.command(`APPEND INBOX ${literal}`)).at(-1) ?? "", / NO \[OVERQUOTA\]/);
  // What is not named is not limited any more.
  assert.deepEqual(await client.ok('SETQUOTA "#user/bob@example.org" ()'), ['* QUOTA "#user/Bob@example.org" ()']);
  assert.match((await bob.command(`APPEND INBOX ${literal}`)).at(-1) ?? "", / OK /);
}, { config: { quota: 2 ** 20 } });

protocolTest("SETQUOTA is for administrators alone: NOPERM, whatever is named", async (t) => {
  await t.account("bob@example.org");
  const client = await t.login();
  assert.match((await client.ok("CAPABILITY"))[0], / QUOTASET( |$)/);
  await client.exchange(`
    C: a SETQUOTA "" (STORAGE 510)
    S: a NO [NOPERM] ...
    C: b SETQUOTA "#user/bob@example.org" (STORAGE 510)
    S: b NO [NOPERM] ...
    C: c SETQUOTA "#user/nobody@example.org" (STORAGE 510)
    S: c NO [NOPERM] ...
    C: d GETQUOTA "#user/bob@example.org"
    S: d NO [NONEXISTENT] ...
    C: e GETQUOTA "#user/alice@example.org"
    S: * QUOTA "#user/alice@example.org" (STORAGE 0 1024)
    S: e OK ...
  `);
  const { id } = await t.account();
  await t.store.directory.setAdmin(id, true);
  await client.ok('SETQUOTA "" (STORAGE 510)');
  await t.store.directory.setAdmin(id, false);
  assert.match((await client.command('SETQUOTA "" ()')).at(-1) ?? "", / NO \[NOPERM\]/);
  assert.deepEqual(await client.ok('GETQUOTA ""'), ['* QUOTA "" (STORAGE 0 510)']);
}, { config: { quota: 2 ** 20 } });

protocolTest("SETQUOTA: what cannot be changes nothing; limits of 0 are rounded up", async (t) => {
  const client = await admin(t);
  await client.exchange(`
    C: a SETQUOTA "" (STORAGE 5 FROBNICATION 5)
    S: a NO [CANNOT] ...
    C: b SETQUOTA "nowhere" (STORAGE 5)
    S: b NO [NONEXISTENT] ...
    C: c SETQUOTA "#user/nobody@example.org" (STORAGE 5)
    S: c NO [NONEXISTENT] ...
    C: d SETQUOTA ""
    S: d BAD ...
    C: e SETQUOTA "" (STORAGE)
    S: e BAD ...
    C: f SETQUOTA "" (STORAGE -1)
    S: f BAD ...
    C: g SETQUOTA "" (STORAGE 1 STORAGE 2)
    S: g BAD ...
    C: h SETQUOTA "" STORAGE 1
    S: h BAD ...
    C: i GETQUOTA ""
    S: * QUOTA "" ()
    S: i OK ...
    C: j SETQUOTA "" (STORAGE 0 MESSAGE 0)
    S: * QUOTA "" (STORAGE 0 1 MESSAGE 0 1)
    S: j OK ...
    C: k SETQUOTA "" (STORAGE 9223372036854775807)
    S: * QUOTA "" (STORAGE 0 8796093022207)
    S: k OK ...
  `);
});
