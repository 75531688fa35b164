/** The examples of RFC 5466 (FILTERS). */
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("RFC 5466 §3.1 and §3.2: a filter is stored, and used", async (t) => {
  const large = mail("large", "x\r\n".repeat(2000));
  const client = await t.login({ inbox: [mail("a"), large.replace("alice@example.org", "boss@example.com"), large] });
  await client.exchange(`
    C: a006 SELECT INBOX
    S: a006 OK ...
    C: a007 SETMETADATA "" ("/private/filters/values/on-the-road" "OR SMALLER 5000 FROM \\"boss@example.com\\"")
    S: a007 OK ...
    C: a SEARCH UID 1:900 FILTER on-the-road SINCE "3-Dec-2002"
    S: * SEARCH 1 2
    S: a OK ...
    C: b SEARCH UID 1:900 OR SMALLER 5000 FROM "boss@example.com" SINCE "3-Dec-2002"
    S: * SEARCH 1 2
    S: b OK ...
  `);
});
