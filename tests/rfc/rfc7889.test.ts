import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("APPENDLIMIT in CAPABILITY, STATUS and LIST-STATUS (RFC 7889 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t1 CAPABILITY
    S: * CAPABILITY ... APPENDLIMIT=2000 ...
    S: t1 OK ...
    C: t2 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 2000)
    S: t2 OK ...
    C: t3 LIST "" INBOX RETURN (STATUS (MESSAGES APPENDLIMIT))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 0 APPENDLIMIT 2000)
    S: t3 OK ...
  `);
}, { config: { limits: { messageSize: 2000 } } });

protocolTest("a message over the limit: NO [TOOBIG], one at the limit is taken (RFC 7889 §4)", async (t) => {
  const client = await t.login();
  const text = mail("x", "y".repeat(2000 - mail("x", "").length));
  await client.exchange(`
    C: a APPEND INBOX {2001}
    S: a NO [TOOBIG] ...
  `);
  await client.send(`b APPEND INBOX {${text.length}+}\r\n${text}\r\n`);
  await client.exchange("S: b OK [APPENDUID ...] ...");
}, { config: { limits: { messageSize: 2000 } } });

protocolTest("RFC 7889 §2, §3.1, §3.2: APPENDLIMIT of the server and of a mailbox", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t1 CAPABILITY
    S: * CAPABILITY ...APPENDLIMIT=257890...
    S: t1 OK ...
    C: t2 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S: t2 OK ...
    C: t3 LIST "" IN% RETURN (STATUS (APPENDLIMIT))
    S: * LIST (...) "/" INBOX
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S: t3 OK ...
  `);
}, { config: { limits: { messageSize: 257890 } } });
