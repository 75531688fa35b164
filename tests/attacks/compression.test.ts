/** Few bytes that become many: deflate bombs (RFC 4978), and what only pretends to be deflate data. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createInflateRaw, deflateRawSync, deflateSync, gzipSync, inflateRawSync } from "node:zlib";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";
import { startServer } from "../support/server.ts";
import { bytes, within } from "./support.ts";

const MIB = 1024 * 1024;

function deflated(data: string | Uint8Array): Uint8Array {
  return deflateRawSync(bytes(data), { finishFlush: constants.Z_SYNC_FLUSH });
}

/** Everything until the end of the connection or of the answer to a tag, inflated. */
async function inflated(client: TestClient, until?: RegExp): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await client.bytes();
    if (chunk.length > 0) chunks.push(chunk);
    const text = inflateRawSync(Buffer.concat(chunks), { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
    if (chunk.length === 0 || until?.test(text)) return text;
  }
}

const OPTIONS = { config: { limits: { messageSize: 8 * MIB } } };

protocolTest("a line of 64 MiB in little deflate data is cut where any line is (1000:1)", async (t) => {
  const client = await t.login();
  await client.ok("COMPRESS DEFLATE");
  const bomb = deflated(Buffer.concat([bytes("a SEARCH TEXT "), new Uint8Array(64 * MIB).fill(0x78)]));
  assert(bomb.length < 100_000);
  await within({ seconds: 3, mib: 64 }, async () => {
    await client.send(bomb).catch(() => {});
    await inflated(client).catch(() => {});
    await assert.rejects(async () => {
      for (;;) await client.send(bomb);
    });
  });
  await (await t.login()).ok("NOOP");
}, OPTIONS);

protocolTest("literals that inflate: over their limit they are refused, within it they are counted", async (t) => {
  for (
    const [command, size, answer] of [
      ["STATUS", 50 * MIB, /^\* BYE \[TOOBIG\]/],
      ["STATUS", MIB, /^a BAD \[TOOBIG\]/],
      ["APPEND INBOX", 64 * MIB, /^\* BYE \[TOOBIG\]/],
      ["APPEND INBOX", 12 * MIB, /^a NO \[TOOBIG\]/],
      ["APPEND INBOX", 8 * MIB, /^a OK \[APPENDUID/],
    ] as const
  ) {
    const client = await t.login();
    await client.ok("COMPRESS DEFLATE");
    const bomb = deflated(Buffer.concat([bytes(`a ${command} {${size}+}\r\n`), new Uint8Array(size), bytes("\r\n")]));
    await within({ seconds: 4, mib: 160 }, async () => {
      const [text] = await Promise.all([
        inflated(client, /^(?:a|\*) \S+ .*\r\n/),
        client.send(bomb).catch(() => {}),
      ]);
      assert.match(text, answer, `${command} ${size}`);
    });
    client.vanish();
  }
}, OPTIONS);

protocolTest(
  "100,000 commands in one small packet are answered in turn, and the answers wait for their reader",
  async (t) => {
    const client = await t.login();
    await client.ok("COMPRESS DEFLATE");
    const bomb = deflated("a NOOP\r\n".repeat(100_000));
    assert(bomb.length < 10_000);
    await within({ seconds: 15, mib: 128 }, async () => {
      await client.send(bomb);
      const inflate = createInflateRaw();
      let lines = 0;
      inflate.on("data", (chunk: Uint8Array) => chunk.forEach((byte) => lines += byte === 0x0a ? 1 : 0));
      while (lines < 100_000) {
        const chunk = await client.bytes();
        assert(chunk.length > 0);
        await new Promise<void>((resolve) => inflate.write(chunk, () => resolve()));
      }
      inflate.destroy();
    });
    client.vanish();
  },
);

protocolTest(
  "COMPRESS before login is not there, compressed data instead of commands is noise (RFC 4978)",
  async (t) => {
    const client = await t.connect();
    assert.doesNotMatch(client.greeting, /COMPRESS/);
    assert.match((await client.command("COMPRESS DEFLATE"))[0], /^\S+ BAD /);
    const zeros = new Uint8Array(16 * MIB);
    await within({ seconds: 3, mib: 96 }, async () => {
      for (const data of [deflated(zeros), deflateSync(zeros), gzipSync(zeros)]) {
        const noise = await t.connect();
        await noise.send(data).catch(() => {});
        await noise.send("\r\n\r\n\r\n\r\n").catch(() => {});
        const said = await noise.rest();
        assert.doesNotMatch(said, / OK|NO /);
        assert.match(said, /BYE too many bad commands|^$/);
      }
    });
  },
);

protocolTest(
  "deflate data that is none, that ends, that never ends, or refers before its start: the connection ends",
  async (t) => {
    for (
      const data of [
        Uint8Array.of(0xff, 0xff, 0xff),
        Uint8Array.of(0x07),
        Uint8Array.of(0x4b, 0x04, 0x22, 0x00),
        Buffer.concat([deflateRawSync(Buffer.from("a NOOP\r\n")), Buffer.from("b NOOP\r\n")]),
        deflateSync(Buffer.from("a NOOP\r\n")),
        gzipSync(Buffer.from("a NOOP\r\n")),
      ]
    ) {
      const client = await t.login();
      await client.ok("COMPRESS DEFLATE");
      await client.send(data);
      await client.rest().catch(() => {}); // in order or not: it ends
    }
    // Empty stored blocks: input that inflates to nothing.
    const client = await t.login();
    await client.ok("COMPRESS DEFLATE");
    const nothing = Buffer.concat(Array(100_000).fill(Uint8Array.of(0x00, 0x00, 0x00, 0xff, 0xff)));
    await within({ seconds: 8, mib: 64 }, async () => {
      await client.send(nothing);
      await client.send(deflated("a NOOP\r\n"));
      assert.match(await inflated(client, /^a OK/), /^a OK/);
    });
    await (await t.login({ inbox: [mail("one")] })).ok("SELECT INBOX");
  },
);

Deno.test("TLS does not compress (CRIME): a client that offers it gets none", async () => {
  await using server = await startServer();
  const client = await new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${server.imapsPort}`, "-comp", "-tls1_2"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output().catch(() => undefined);
  if (client === undefined) return; // no openssl here
  assert.match(new TextDecoder().decode(client.stdout), /Compression: NONE/);
});
