/** The examples of RFC 5267 (ESORT and CONTEXT), on mailboxes of fewer messages. */
import { mail, protocolTest } from "../support/protocol.ts";

const FOUR = [1, 2, 3, 4].map((n) => mail(`m${n}`));

protocolTest("RFC 5267 §3.3: a sort in reverse is no range", async (t) => {
  const inbox = [0, 1, 2, 3].map((hour) => mail(`m${hour}`, "x\r\n").replace("21:52", `${10 + hour}:52`));
  const client = await t.login({ inbox });
  await client.exchange(`
    C: E00 SELECT INBOX
    S: E00 OK ...
    C: E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "E01") UID ALL 4,3,2,1
    S: E01 OK ...
  `);
});

protocolTest("RFC 5267 §4.2 and §4.4: a count first, then windows", async (t) => {
  const client = await t.login({ inbox: FOUR });
  await client.exchange(`
    C: A00 SELECT INBOX
    S: A00 OK ...
    C: A01 SEARCH RETURN (CONTEXT COUNT) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A01") COUNT 4
    S: A01 OK ...
    C: A02 UID SEARCH RETURN (PARTIAL 3:6) UNDELETED UNKEYWORD $Junk
    C: A03 UID SEARCH RETURN (PARTIAL 1:2) UNDELETED UNKEYWORD $Junk
    C: A04 UID SEARCH RETURN (PARTIAL 5:8) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A02") UID PARTIAL (3:6 3:4)
    S: A02 OK ...
    S: * ESEARCH (TAG "A03") UID PARTIAL (1:2 1:2)
    S: A03 OK ...
    S: * ESEARCH (TAG "A04") UID PARTIAL (5:8 NIL)
    S: A04 OK ...
  `);
});

protocolTest("RFC 5267 §4.3: a result that is kept up to date, until it is cancelled", async (t) => {
  const client = await t.login({ inbox: FOUR });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: B00 SELECT INBOX
    S: B00 OK ...
    C: B01 UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk
    S: * ESEARCH (TAG "B01") UID COUNT 0
    S: B01 OK ...
    C: B01 SORT RETURN (UPDATE) (DATE) UTF-8 FLAGGED
    S: B01 BAD ...
  `);
  await other.ok("STORE 2:3 FLAGS (\\Deleted \\Seen $Junk)");
  await client.exchange(`
    C: B02 NOOP
    S: * 2 FETCH (UID 2 FLAGS (...))
    S: * 3 FETCH (UID 3 FLAGS (...))
    S: * ESEARCH (TAG "B01") UID ADDTO (0 2:3)
    S: B02 OK ...
  `);
  await other.ok("UID EXPUNGE 2");
  await client.exchange(`
    C: B03 NOOP
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 2)
    S: * 2 EXPUNGE
    S: B03 OK ...
    C: B04 CANCELUPDATE "B01"
    S: B04 OK ...
  `);
});
