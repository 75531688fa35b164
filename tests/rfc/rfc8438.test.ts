import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("STATUS SIZE is the sum of RFC822.SIZE (RFC 8438 §3)", async (t) => {
  const client = await t.login();
  await t.fill("frop", [mail("1"), mail("2", "x".repeat(1000)), mail("3")]);
  await client.ok("SELECT frop");
  const sizes = (await client.ok("FETCH 1:* (RFC822.SIZE)")).map((line) => Number(/SIZE (\d+)/.exec(line)?.[1]));
  const sum = sizes.reduce((all, size) => all + size, 0);
  assert.equal(sum, mail("1").length + mail("2", "x".repeat(1000)).length + mail("3").length);
  await client.exchange(`
    C: A01 STATUS frop (MESSAGES SIZE UIDNEXT)
    S: * STATUS frop (MESSAGES 3 SIZE ${sum} UIDNEXT 4)
    S: A01 OK ...
    C: A04 LIST "" f% RETURN (STATUS (MESSAGES SIZE))
    S: * LIST (\\HasNoChildren) "/" frop
    S: * STATUS frop (MESSAGES 3 SIZE ${sum})
    S: A04 OK ...
  `);
});
