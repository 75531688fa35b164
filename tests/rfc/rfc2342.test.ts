import { protocolTest } from "../support/protocol.ts";

protocolTest("NAMESPACE: one personal namespace (RFC 2342 §5, example 5.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A001 NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S: A001 OK NAMESPACE done
    C: A002 NAMESPACE x
    S: A002 BAD ...
  `);
});
