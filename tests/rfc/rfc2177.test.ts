import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("IDLE tells new mail and removals as they come (RFC 2177 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), mail("2")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: A001 SELECT INBOX
    S: A001 OK [READ-WRITE] SELECT done
    C: A002 IDLE
    S: + idling
  `);
  await t.fill("INBOX", [mail("3")]);
  await client.exchange(`
    S: * 3 EXISTS
    S: * 1 RECENT
    C: DONE
    S: A002 OK IDLE done
    C: A003 IDLE
    S: + idling
  `);
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.exchange(`
    S: * 2 FETCH (UID 2 FLAGS (\\Deleted))
  `);
  await other.ok("EXPUNGE");
  await client.exchange(`
    S: * 2 EXPUNGE
    C: DONE
    S: A003 OK IDLE done
  `);
});

protocolTest("DONE and the next commands may come with IDLE in one packet (RFC 2177)", async (t) => {
  const client = await t.login();
  await client.send("a IDLE\r\nDONE\r\nb IDLE\r\ndone\r\nc STATUS {5+}\r\nINBOX (MESSAGES)\r\n");
  await client.exchange(`
    S: + idling
    S: a OK IDLE done
    S: + idling
    S: b OK IDLE done
    S: * STATUS INBOX (MESSAGES 0)
    S: c OK ...
  `);
});

protocolTest("any other line than DONE ends IDLE with BAD (RFC 2177 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a IDLE
    S: + idling
    C: b NOOP
    S: a BAD ...
    C: c NOOP
    S: c OK ...
    C: d IDLE now
    S: d BAD ...
  `);
});
