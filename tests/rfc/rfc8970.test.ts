import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("PREVIEW, also LAZY and with a saved result (RFC 8970 §3, §4)", async (t) => {
  const inbox = [
    mail("1", "Preview text!\r\n"),
    mail("2", "", []),
    mail("3", "gr\u00fc\u00dfe\r\n", ["Content-Type: text/plain; charset=utf-8"]),
  ];
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A1 FETCH 1 (PREVIEW)
    S: * 1 FETCH (PREVIEW "Preview text!")
    S: A1 OK ...
    C: A2 FETCH 1 (RFC822.SIZE PREVIEW (LAZY))
    S: * 1 FETCH (RFC822.SIZE ${inbox[0].length} PREVIEW "Preview text!")
    S: A2 OK ...
    C: A3 FETCH 2 PREVIEW
    S: * 2 FETCH (PREVIEW "")
    S: A3 OK ...
    C: A4 FETCH 3 PREVIEW
    S: * 3 FETCH (PREVIEW {7}
    S: gr\u00c3\u00bc\u00c3\u009fe)
    S: A4 OK ...
    C: A5 FETCH 1 (PREVIEW (UNHEARD))
    S: A5 BAD ...
    C: A6 FETCH 1:3 FLAGS
    S: * 1 FETCH (FLAGS (\\Recent))
    S: * 2 FETCH (FLAGS (\\Recent))
    S: * 3 FETCH (FLAGS (\\Recent))
    S: A6 OK ...
    C: C2 SEARCH RETURN (SAVE) SUBJECT "1"
    S: C2 OK ...
    C: C3 FETCH $ (UID PREVIEW (LAZY))
    S: * 1 FETCH (UID 1 PREVIEW "Preview text!")
    S: C3 OK ...
  `);
});
