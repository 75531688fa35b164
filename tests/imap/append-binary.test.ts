import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const literal8 = (text: string) => `~{${new TextEncoder().encode(text).length}+}\r\n${text}`;

async function append(client: TestClient, arguments_: string): Promise<string> {
  return (await client.command(`APPEND INBOX ${arguments_}`)).at(-1) ?? "";
}

const BINARY = [
  "From: alice@example.org",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "Content-Transfer-Encoding: binary",
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "plain",
  "--b",
  "Content-Type: application/octet-stream",
  "Content-Transfer-Encoding: binary",
  "",
  `a\0b\r\n\0${"z".repeat(100)}`,
  "--b--",
  "",
].join("\r\n");

protocolTest("BINARY: what a literal8 brings comes back byte for byte, NUL included (RFC 3516 §4.4)", async (t) => {
  const client = await t.login();
  assert.match(await append(client, literal8(BINARY)), / OK \[APPENDUID \d+ 1\]/);
  await client.ok("SELECT INBOX");
  assert.equal((await client.ok("FETCH 1 BODY.PEEK[]")).slice(1).join("\r\n"), `${BINARY})`);
  await client.send("a FETCH 1 (BINARY.SIZE[2] BINARY.PEEK[2])\r\n");
  const answer = (await client.answer("a")).join("\r\n");
  assert(answer.includes(`BINARY.SIZE[2] 106 BINARY[2] ~{106}\r\na\0b\r\n\0${"z".repeat(100)})`), answer);
});

protocolTest("a literal8 with 8-bit text is kept byte for byte", async (t) => {
  const client = await t.login();
  const text = mail("bytes", "ünïcødé\xff\r\n", ["Content-Transfer-Encoding: binary"]);
  assert.match(await append(client, literal8(text)), / OK /);
  await client.ok("SELECT INBOX");
  const size = new TextEncoder().encode(text).length;
  assert.deepEqual(await client.ok("FETCH 1 RFC822.SIZE"), [`* 1 FETCH (RFC822.SIZE ${size})`]);
});

protocolTest("BINARY in CATENATE and REPLACE (RFC 4469 §5, RFC 8508 §3.4)", async (t) => {
  const client = await t.login();
  const pieces = `TEXT ${literal8("Content-Transfer-Encoding: binary\r\n\r\n")} TEXT ${literal8("\0\0\0")}`;
  assert.match(await append(client, `CATENATE (${pieces})`), / OK /);
  await client.ok("SELECT INBOX");
  assert.equal((await client.ok("FETCH 1 BINARY.PEEK[1]")).at(-1), "\0\0\0)");
  const lines = await client.command(`REPLACE 1 INBOX ${literal8("\r\n\0\0\0\0\0\0")}`);
  assert.match(lines.at(-1) ?? "", / OK /);
  assert.equal((await client.ok("FETCH 1 BINARY.PEEK[1]")).at(-1), "\0\0\0\0\0\0)");
});

protocolTest("large binary parts go through files", async (t) => {
  const client = await t.login();
  const bytes = "\0\x01\x02\x03".repeat(100_000);
  const text = `Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n${bytes}`;
  assert.match(await append(client, literal8(text)), / OK /);
  await client.ok("SELECT INBOX");
  assert.deepEqual(await client.ok("FETCH 1 BINARY.SIZE[1]"), ["* 1 FETCH (BINARY.SIZE[1] 400000)"]);
  const account = await t.account();
  assert.equal([...Deno.readDirSync(`${t.dataDir}/accounts/${account.id}/content`)].length, 1);
});
