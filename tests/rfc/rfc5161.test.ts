import { protocolTest } from "../support/protocol.ts";

protocolTest("ENABLE turns on what is known and passes over the rest (RFC 5161 §3.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t1 CAPABILITY
    S: * CAPABILITY ... ENABLE ...
    S: t1 OK ...
    C: t2 ENABLE CONDSTORE X-GOOD-IDEA
    S: * ENABLED CONDSTORE
    S: t2 OK ...
    C: t3 ENABLE X-GOOD-IDEA
    S: * ENABLED
    S: t3 OK ...
    C: t4 ENABLE condstore QResync
    S: * ENABLED QRESYNC
    S: t4 OK ...
    C: t5 ENABLE IDLE
    S: * ENABLED
    S: t5 OK ...
    C: t6 ENABLE (CONDSTORE)
    S: t6 BAD ...
  `);
});

protocolTest("ENABLE needs a login (RFC 5161 §3.1)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 ENABLE CONDSTORE
    S: a1 BAD ...
  `);
});
