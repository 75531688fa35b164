/** The examples of RFC 8457 (\Important). */
import { protocolTest } from "../support/protocol.ts";

protocolTest("RFC 8457 §3.2: a mailbox is created with the use, listed, and cannot be had twice", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t1 CREATE "Important Messages" (USE (\\Important))
    S: t1 OK ...
    C: t2 CREATE "Imported Wine"
    S: t2 OK ...
    C: t3 LIST "" "Imp*"
    S: * LIST (\\HasNoChildren \\Important) "/" "Important Messages"
    S: * LIST (\\HasNoChildren) "/" "Imported Wine"
    S: t3 OK ...
    C: t4 CREATE "Important Mail" (USE (\\Important))
    S: t4 NO [USEATTR] ...
    C: t5 CREATE "Virtual" (USE (\\Imported))
    S: t5 NO [USEATTR] ...
  `);
});
