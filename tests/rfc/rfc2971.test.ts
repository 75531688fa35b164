import { protocolTest } from "../support/protocol.ts";

protocolTest("ID (RFC 2971 §3.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a023 ID ("name" "sodr" "version" "19.34" "vendor" "Pink Floyd Music Limited")
    S: * ID ("name" "Roost" "version" "...")
    S: a023 OK ID done
    C: a042 ID NIL
    S: * ID (...)
    S: a042 OK ID done
    C: a043 ID ()
    S: * ID (...)
    S: a043 OK ID done
    C: a044 ID
    S: a044 BAD ...
    C: a045 ID ("name")
    S: a045 BAD ...
    C: a046 ID ("${"n".repeat(31)}" NIL)
    S: a046 BAD ...
    C: a047 ID ("name" "${"v".repeat(1025)}")
    S: a047 BAD ...
  `);
});
