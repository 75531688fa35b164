import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const type = ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"];
const body = [
  "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve\r\n",
  "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n",
  "--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: x-unheard\r\n\r\n???\r\n",
  "--b--\r\n",
].join("");

protocolTest("BINARY takes the transfer encoding off, NUL goes as literal8 (RFC 3516 §4.2, §4.3)", async (t) => {
  const client = await t.login({ inbox: [mail("one", body, type)] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a FETCH 1 BINARY.SIZE[2]
    S: * 1 FETCH (BINARY.SIZE[2] 4)
    S: a OK ...
    C: b FETCH 1 BINARY.PEEK[2]
    S: * 1 FETCH (BINARY[2] ~{4}
    S: \0\u0001\u0002\u0003)
    S: b OK ...
    C: c FETCH 1 BINARY.PEEK[2]<1.2>
    S: * 1 FETCH (BINARY[2]<1> {2}
    S: \u0001\u0002)
    S: c OK ...
    C: d FETCH 1 BINARY.PEEK[2]<4.1>
    S: * 1 FETCH (BINARY[2]<4> {0}
    S: )
    S: d OK ...
    C: e FETCH 1 (BINARY.SIZE[1] BINARY[1])
    S: * 1 FETCH (BINARY.SIZE[1] 6 BINARY[1] {6}
    S: na\u00c3\u00afve FLAGS (\\Seen \\Recent))
    S: e OK ...
  `);
});

protocolTest("an unknown transfer encoding: NO [UNKNOWN-CTE] (RFC 3516 §4.3)", async (t) => {
  const client = await t.login({ inbox: [mail("one", body, type)] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a FETCH 1 BINARY.PEEK[3]
    S: a NO [UNKNOWN-CTE] ...
    C: b FETCH 1 BODY.PEEK[3]
    S: * 1 FETCH (BODY[3] {3}
    S: ???)
    S: b OK ...
    C: c FETCH 1 BINARY.PEEK[9]
    S: * 1 FETCH (BINARY[9] NIL)
    S: c OK ...
    C: d FETCH 1 BINARY.PEEK[1.MIME]
    S: d BAD ...
    C: e FETCH 1 BINARY.SIZE[1]<0.1>
    S: e BAD ...
  `);
});

protocolTest(
  "APPEND of a literal8 with NUL is given back as it came (RFC 3516 §4.4)",
  async (t) => {
    const client = await t.login();
    const message = "Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\u0001";
    await client.send(`a APPEND INBOX ~{${message.length}}\r\n`);
    assert.match(await client.line(), /^\+ /);
    await client.send(`${message}\r\n`);
    await client.exchange(`
    S: a OK [APPENDUID ...] ...
    C: b SELECT INBOX
    S: b OK ...
    C: c FETCH 1 (RFC822.SIZE BINARY.PEEK[1])
    S: * 1 FETCH (RFC822.SIZE ${message.length} BINARY[1] ~{4}
    S: a\0b\u0001)
    S: c OK ...
  `);
  },
);
