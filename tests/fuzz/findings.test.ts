/** What the fuzzer once found. */
import { protocolTest } from "../support/protocol.ts";

protocolTest("a command whose tag is too long to be repeated is not run (RFC 9051 §2.2.1)", async (server) => {
  const alice = await server.login();
  await alice.exchange(`
    C: ${"x".repeat(101)} LOGOUT
    S: * BAD ...
    C: a1 NOOP
    S: a1 OK NOOP done
  `);
});
