import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("LOGIN: AUTHENTICATIONFAILED, PRIVACYREQUIRED, CONTACTADMIN (RFC 5530 §3)", async (t) => {
  const account = await t.account("fred@example.org");
  const client = await t.connect();
  await client.exchange(`
    C: b LOGIN "fred@example.org" "foo"
    S: b NO [AUTHENTICATIONFAILED] ...
    C: c LOGIN "nobody@example.org" "secret"
    S: c NO [AUTHENTICATIONFAILED] ...
  `);
  await t.store.directory.setDisabled(account.id, "pay your bill");
  await client.exchange(`
    C: d LOGIN "fred@example.org" "secret"
    S: d NO [CONTACTADMIN] pay your bill
  `);
  const clear = await t.connect({ cleartextLogin: false });
  await clear.exchange(`
    C: d LOGIN "fred@example.org" "secret"
    S: d NO [PRIVACYREQUIRED] ...
    C: e AUTHENTICATE PLAIN
    S: e NO [PRIVACYREQUIRED] ...
  `);
});

protocolTest("names: CANNOT, ALREADYEXISTS, NONEXISTENT (RFC 5530 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: l create "///////"
    S: l NO [CANNOT] ...
    C: l2 create "a/../b"
    S: l2 NO [CANNOT] ...
    C: l3 create ""
    S: l3 NO [CANNOT] ...
    C: l4 create "a&AAk-b"
    S: l4 NO [CANNOT] ...
    C: o RENAME Sent Trash
    S: o NO [ALREADYEXISTS] ...
    C: p RENAME this that
    S: p NO [NONEXISTENT] ...
    C: q STATUS this (MESSAGES)
    S: q NO [NONEXISTENT] ...
    C: r DELETE this
    S: r NO [NONEXISTENT] ...
  `);
});

protocolTest("LIMIT: more keywords than a mailbox can have change nothing (RFC 5530 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("1")] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: m STORE 1 FLAGS (f1 f2 f3 f4)
    S: m NO [LIMIT] ...
    C: n STORE 1 FLAGS (f1 f2 f3)
    S: * FLAGS (... f1 f2 f3)
    S: * OK [PERMANENTFLAGS (... f1 f2 f3 \\*)] ...
    S: * 1 FETCH (UID 1 FLAGS (f1 f2 f3 \\Recent))
    S: n OK ...
    C: o STORE 1 +FLAGS (f4 F1)
    S: o NO [LIMIT] ...
    C: p STORE 1 FLAGS (F2)
    S: * 1 FETCH (UID 1 FLAGS (f2 \\Recent))
    S: p OK ...
  `);
}, { config: { limits: { keywords: 3 } } });
