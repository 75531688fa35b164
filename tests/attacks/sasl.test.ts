/** AUTHENTICATE without a good end: broken base64, lines of any length, exchanges given up at every step. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";
import { within } from "./support.ts";

/** Failures are answered later and later; these tests fail on purpose. */
const PATIENT = { config: { limits: { badCommandsBeforeLogin: 1_000_000, badCommands: 1_000_000 } } };

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** The answer to a SCRAM challenge for the password "secret". */
function scramFinal(hash: string, first: string, challenge: string): string {
  const [, nonce, salt, count] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge)!;
  const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest();
  const length = createHash(hash).digest().length;
  const salted = pbkdf2Sync("secret", Buffer.from(salt, "base64"), Number(count), length, hash);
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), `${first},${challenge},${withoutProof}`);
  return `${withoutProof},p=${Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64")}`;
}

/** Still answers, and lets the right password in. */
async function sound(t: TestServer): Promise<void> {
  const client = await t.connect();
  await client.ok("LOGIN alice@example.org secret");
}

protocolTest("invalid base64 in AUTHENTICATE is BAD, whatever is wrong with it (RFC 9051 §6.2.2)", async (t) => {
  await t.account();
  const client = await t.connect();
  const broken = [
    "!",
    "A",
    "AAAAA",
    "A===",
    "====",
    "=A==",
    "AA=A",
    "AAA=AAAA",
    "AA AA",
    "AAAA\t",
    "-_-_",
    "%41",
    "\x00\x00",
    "ÄÄÄÄ",
  ];
  await within({ seconds: 3, mib: 64 }, async () => {
    for (const mechanism of ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"]) {
      for (const line of broken) {
        await client.send(`a AUTHENTICATE ${mechanism}\r\n`);
        const first = await client.line();
        if (first.startsWith("a NO [CANNOT]")) break; // not every server has every mechanism
        assert.match(first, /^\+ /);
        await client.send(Buffer.from(`${line}\r\n`, "latin1"));
        assert.match(await client.line(), /^a BAD /, `${mechanism} ${line}`);
        if (/[ \t\0]/.test(line)) continue; // ends the atom of an initial response
        await client.send(Buffer.from(`b AUTHENTICATE ${mechanism} ${line}\r\n`, "latin1"));
        assert.match(await client.line(), /^b (?:BAD|NO) /, `${mechanism} ${line}`);
      }
    }
  });
  await sound(t);
}, PATIENT);

protocolTest(
  "lines of AUTHENTICATE longer than 8 KiB are BAD [TOOBIG] and not kept, those without an end dropped",
  async (t) => {
    await t.account();
    await within({ seconds: 5, mib: 64 }, async () => {
      const client = await t.connect();
      for (const length of [8_196, 65_536, 1_000_000]) {
        await client.send(`a AUTHENTICATE PLAIN\r\n`);
        await client.exchange("S: + ...");
        await client.send(`${"A".repeat(length)}\r\n`);
        assert.match(await client.line(), /^a BAD \[TOOBIG\]/, `${length}`);
        await client.send(`b AUTHENTICATE PLAIN ${"A".repeat(length)}\r\n`);
        assert.match(await client.line(), /^b BAD \[TOOBIG\]/, `${length}`);
      }
      await client.send(`a AUTHENTICATE SCRAM-SHA-256\r\n`);
      const piece = new Uint8Array(128 * 1024).fill(0x41);
      await assert.rejects(async () => {
        for (let sent = 0; sent < 1000; sent++) await client.send(piece);
      });
    });
    await sound(t);
  },
  PATIENT,
);

protocolTest("8 KiB of a mechanism's own fields: long names, nonces, attributes, thousands of commas", async (t) => {
  await t.account();
  const client = await t.connect();
  const long = (piece: string) => piece.repeat(5900 / piece.length);
  const messages: Record<string, string[]> = {
    "PLAIN": [`\0${long("a")}\0b`, `\0a\0${long("b")}`, long("\0"), long("ä") + "\0\0"],
    "SCRAM-SHA-256": [
      `n,,n=${long("a")},r=x`,
      `n,,n=a,r=${long("x")}`,
      `n,,n=a,r=x${long(",x=y")}`,
      long(","),
      `n,a=${long("=2C")},n=a,r=x`,
      `p=${long("x")},,n=a,r=x`,
      `n,,${long("m=a,")}n=a,r=x`,
      `n,,n=${long("=3D=")},r=x`,
    ],
    "CRAM-MD5": [`${long("a")} ${"0".repeat(32)}`, `a ${long("0")}`, long(" ")],
  };
  await within({ seconds: 8, mib: 64 }, async () => {
    for (const [mechanism, texts] of Object.entries(messages)) {
      for (const text of texts) {
        await client.send(`a AUTHENTICATE ${mechanism}\r\n`);
        await client.exchange("S: + ...");
        await client.send(`${base64(text)}\r\n`);
        let answer = await client.line();
        if (answer.startsWith("+ ")) {
          await client.send("*\r\n");
          answer = await client.line();
        }
        assert.match(answer, /^a (?:BAD|NO) /, `${mechanism} ${text.slice(0, 20)}`);
        assert.doesNotMatch(answer, /SERVERBUG/);
      }
    }
  });
}, PATIENT);

/** Each gives the connection back in the state before login, the exchange dropped where its name says. */
const ABORTED: Record<string, (client: TestClient) => Promise<void>> = {
  "after the mechanism's name": async (client) => {
    await client.exchange(`
      C: a AUTHENTICATE PLAIN
      S: + ...
      C: *
      S: a BAD ...
    `);
  },
  "after SCRAM's first message": async (client) => {
    await client.exchange(`
      C: a AUTHENTICATE SCRAM-SHA-256 ${base64("n,,n=alice@example.org,r=abcdefgh")}
      S: + ...
      C: *
      S: a BAD ...
    `);
  },
  "after CRAM-MD5's challenge": async (client) => {
    await client.exchange(`
      C: a AUTHENTICATE CRAM-MD5
      S: + ...
      C: *
      S: a BAD ...
    `);
  },
};

for (const [where, abort] of Object.entries(ABORTED)) {
  protocolTest(`SASL given up 1,000 times ${where} leaves nothing behind (RFC 9051 §6.2.2)`, async (t) => {
    await t.account();
    const client = await t.connect();
    await within({ seconds: 6, mib: 64 }, async () => {
      for (let count = 0; count < 1000; count++) await abort(client);
    });
    await client.ok("LOGIN alice@example.org secret");
  }, PATIENT);
}

protocolTest("SCRAM given up after its proof, where only an empty line is left, is no login", async (t) => {
  await t.account();
  const client = await t.connect();
  for (const [mechanism, hash] of [["SCRAM-SHA-256", "sha256"], ["SCRAM-SHA-1", "sha1"]]) {
    for (const last of ["*", "AAAA", "====", "!"]) {
      const first = "n=alice@example.org,r=abcdefgh";
      await client.send(`a AUTHENTICATE ${mechanism} ${base64(`n,,${first}`)}\r\n`);
      const challenge = Buffer.from((await client.line()).slice(2), "base64").toString();
      await client.send(`${base64(scramFinal(hash, first, challenge))}\r\n`);
      assert.match(Buffer.from((await client.line()).slice(2), "base64").toString(), /^v=/);
      await client.send(`${last}\r\n`);
      assert.match(await client.line(), /^a BAD /, `${mechanism} ${last}`);
      assert.match((await client.command("SELECT INBOX"))[0], /^\S+ BAD /);
    }
  }
  await client.ok("LOGIN alice@example.org secret");
}, PATIENT);

protocolTest("1,000 connections that vanish inside SASL leave nothing behind", async (t) => {
  await t.account();
  await within({ seconds: 10, mib: 96 }, async () => {
    for (let count = 0; count < 1000; count++) {
      const client = await t.connect();
      await client.send(`a AUTHENTICATE SCRAM-SHA-256 ${base64("n,,n=alice@example.org,r=abcdefgh")}\r\n`);
      await client.exchange("S: + ...");
      client.vanish();
    }
  });
  await sound(t);
});

protocolTest("what is pipelined behind AUTHENTICATE is the exchange, never a command", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.send("a AUTHENTICATE PLAIN\r\nb NOOP\r\nc NOOP\r\n");
  await client.exchange(`
    S: + ...
    S: a BAD ...
    S: c OK ...
  `);
  // A second login on the same connection does not change whose it is.
  await t.account("bob@example.org");
  await client.ok(`AUTHENTICATE PLAIN ${base64("\0alice@example.org\0secret")}`);
  assert.match((await client.command(`AUTHENTICATE PLAIN ${base64("\0bob@example.org\0secret")}`))[0], /^\S+ BAD /);
  assert.match((await client.command("LOGIN bob@example.org secret"))[0], /^\S+ BAD /);
  assert.deepEqual(await client.ok("GETQUOTAROOT INBOX"), ['* QUOTAROOT INBOX ""', '* QUOTA "" ()']);
});

protocolTest("an authorization identity other than one's own is refused (RFC 4616 §2)", async (t) => {
  await t.account("bob@example.org");
  await t.account();
  const client = await t.connect();
  for (const message of ["bob@example.org\0alice@example.org\0secret", "root\0alice@example.org\0secret"]) {
    assert.match((await client.command(`AUTHENTICATE PLAIN ${base64(message)}`))[0], /^\S+ NO /);
  }
  const first = "n=alice@example.org,r=abcdefgh";
  await client.send(`a AUTHENTICATE SCRAM-SHA-256 ${base64(`n,a=bob@example.org,${first}`)}\r\n`);
  assert.match(await client.line(), /^(?:a NO|\+ )/);
});
