import { protocolTest } from "../support/protocol.ts";

protocolTest("NAMESPACE: a personal one and that of other users (RFC 2342 §5)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A001 NAMESPACE
    S: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
    S: A001 OK NAMESPACE done
    C: A002 NAMESPACE x
    S: A002 BAD ...
  `);
});
