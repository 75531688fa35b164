import { protocolTest } from "../support/protocol.ts";

protocolTest("APPENDLIMIT of a mailbox by STATUS and by LIST RETURN (STATUS) (RFC 7889 §3.1, §3.2)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t1 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S: t1 OK ...
    C: t2 LIST "" (INBOX Sent) RETURN (STATUS (APPENDLIMIT MESSAGES))
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (APPENDLIMIT 257890 MESSAGES 0)
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: * STATUS Sent (APPENDLIMIT 257890 MESSAGES 0)
    S: t2 OK ...
    C: t3 STATUS INBOX (APPENDLIMIT=5)
    S: t3 BAD ...
    C: t4 APPEND INBOX {257891}
    S: t4 NO [TOOBIG] ...
    C: t5 STATUS nowhere (APPENDLIMIT)
    S: t5 NO [NONEXISTENT] ...
  `);
}, { config: { limits: { messageSize: 257890 }, quota: 1000 } });
