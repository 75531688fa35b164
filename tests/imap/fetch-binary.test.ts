import { mail, protocolTest } from "../support/protocol.ts";

function encoded(encoding: string, body: string, type = "application/octet-stream"): string {
  return mail("coded", body, [
    "MIME-Version: 1.0",
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]);
}

protocolTest("BINARY gives a part without its encoding (RFC 3516 §4.2)", async (t) => {
  const client = await t.login({
    inbox: [encoded("base64", "aGVsbG8=\r\n"), encoded("quoted-printable", "a=3Db=\r\nc\r\n", "text/plain")],
  });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])
    S: * 1 FETCH (BINARY[1] {5}
    S: hello BINARY.SIZE[1] 5)
    S: b OK ...
    C: c FETCH 1 BINARY[1]<1.3>
    S: * 1 FETCH (BINARY[1]<1> {3}
    S: ell)
    S: c OK ...
    C: d FETCH 2 (BINARY.SIZE[1] BINARY[1])
    S: * 2 FETCH (BINARY.SIZE[1] 6 BINARY[1] {6}
    S: a=bc
    S: )
    S: d OK ...
  `);
});

protocolTest("BINARY is a literal8 only where there is a NUL (RFC 9051 §7.5.2)", async (t) => {
  const client = await t.login({ inbox: [encoded("base64", "YQBi\r\n")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 BINARY[1]
    S: * 1 FETCH (BINARY[1] ~{3}
    S: a\0b)
    S: b OK ...
    C: c FETCH 1 BINARY[1]<2.1>
    S: * 1 FETCH (BINARY[1]<2> {1}
    S: b)
    S: c OK ...
  `);
});

protocolTest("BINARY of an unknown encoding is NO [UNKNOWN-CTE] (RFC 3516 §4.3)", async (t) => {
  const client = await t.login({ inbox: [encoded("x-strange", "???"), encoded("base64", "aGk=")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 BINARY[1]
    S: b NO [UNKNOWN-CTE] ...
    C: c FETCH 1:2 (UID BINARY.SIZE[1])
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 2 BINARY.SIZE[1] 2)
    S: c NO [UNKNOWN-CTE] ...
    C: d FETCH 1 BODY[1]
    S: * 1 FETCH (BODY[1] {3}
    S: ???)
    S: d OK ...
  `);
});

protocolTest("BINARY of a part that is not there is NIL, of size 0", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b FETCH 1 (BINARY[7] BINARY.SIZE[7])
    S: * 1 FETCH (BINARY[7] NIL BINARY.SIZE[7] 0)
    S: b OK ...
  `);
});

protocolTest("BINARY sets \\Seen, BINARY.PEEK and BINARY.SIZE do not (RFC 3516 §4.2)", async (t) => {
  const client = await t.login({ inbox: [encoded("base64", "aGk=")] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])
    S: * 1 FETCH (BINARY[1] {2}
    S: hi BINARY.SIZE[1] 2)
    S: b OK ...
    C: c FETCH 1 (BINARY[1])
    S: * 1 FETCH (BINARY[1] {2}
    S: hi FLAGS (\\Seen \\Recent))
    S: c OK ...
  `);
});
