/** Clients that take their time: byte by byte, or not reading what they asked for. A real server, so that its memory can be seen. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mail, protocolTest } from "../support/protocol.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { within } from "./support.ts";

const encoder = new TextEncoder();

/** A connection to a live server, in clear text. */
class Wire {
  readonly #buffer = new Uint8Array(64 * 1024);
  #text = "";

  private constructor(readonly conn: Deno.TcpConn) {}

  static async open(server: TestServer, login?: string): Promise<Wire> {
    const wire = new Wire(await Deno.connect({ hostname: "127.0.0.1", port: server.imapPort }));
    await wire.until(/^\* OK .*\r\n/);
    if (login) await wire.ok(`LOGIN ${login} secret`);
    return wire;
  }

  async send(text: string | Uint8Array): Promise<void> {
    const data = typeof text === "string" ? encoder.encode(text) : text;
    for (let at = 0; at < data.length;) at += await this.conn.write(data.subarray(at));
  }

  /** What comes up to and with the pattern. @throws {Error} the connection ended before */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found) {
        const text = this.#text.slice(0, found.index + found[0].length);
        this.#text = this.#text.slice(text.length);
        return text;
      }
      if (!await this.#more()) throw new Error(`the connection ended: ${this.#text.slice(-200)}`);
    }
  }

  async ok(command: string): Promise<string> {
    await this.send(`k ${command}\r\n`);
    return await this.until(/(?:^|\r\n)k OK .*\r\n/);
  }

  /** Everything until the server closes. */
  async rest(): Promise<string> {
    while (await this.#more());
    return this.#text;
  }

  async #more(): Promise<boolean> {
    try {
      const count = await this.conn.read(this.#buffer);
      if (count === null) return false;
      this.#text += Buffer.from(this.#buffer.subarray(0, count)).toString("latin1");
      return true;
    } catch {
      return false; // reset
    }
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // closed already
    }
  }
}

/** One byte after the other until the server has enough of it. @returns how long that took, in ms */
async function drip(wire: Wire, text: string, every: number): Promise<number> {
  const started = performance.now();
  let over = false;
  const rest = wire.rest().finally(() => over = true);
  for (let at = 0; at < text.length && !over; at++) {
    await wire.send(text[at]).catch(() => over = true);
    await Promise.race([rest, new Promise((resolve) => setTimeout(resolve, every))]);
  }
  await rest;
  return performance.now() - started;
}

Deno.test("slow clients against one live server", async (t) => {
  await using server = await startServer({
    limits: {
      timeoutBeforeLogin: 1,
      writeTimeoutBeforeLogin: 1,
      writeTimeout: 1,
      connectionsPerAddress: 0,
      connectionsPerMinute: 0,
      connectionsPerAccount: 0,
    },
  });
  if (server.foreign) return;
  await server.addAccount("alice@example.org", "secret");
  {
    using alice = await Wire.open(server, "alice@example.org");
    const message = mail("big", `${"0123456789abcde\r\n".repeat(700_000)}`);
    await alice.send(`a APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
    await alice.until(/a OK .*\r\n/);
    await alice.ok("SELECT INBOX");
    for (let count = 0; count < 9; count++) await alice.ok("COPY 1 INBOX");
  }

  await t.step(
    "slowloris: whatever comes byte by byte before login is cut at a deadline that no byte moves",
    async () => {
      const slow: Record<string, string> = {
        "a command": "a LOGIN alice@example.org secret",
        "empty lines": "\r\n".repeat(100),
        "a literal": `a LOGIN {100+}\r\n${"x".repeat(100)}`,
        "literals one after the other": "a LOGIN " + "{1+}\r\nx ".repeat(20),
        "a literal that is refused": `a LOGIN {100000+}\r\n${"x".repeat(100)}`,
        "base64": `a AUTHENTICATE PLAIN\r\n${"A".repeat(100)}`,
        "nothing": "",
      };
      await Promise.all(
        Object.entries(slow).map(async ([what, bytes]) => {
          using wire = await Wire.open(server);
          const took = await drip(wire, bytes, 100);
          // Two deadlines at most: one for the line, one for what follows it.
          assert(took < 6_000, `${what} went on for ${took} ms`);
        }),
      );
    },
  );

  await t.step(
    "a client that asks for 100 MB and never reads: memory bounded, others go on, closed at the limit",
    async () => {
      await within({ seconds: 20, mib: 96, pid: server.pid }, async () => {
        using stuck = await Wire.open(server, "alice@example.org");
        await stuck.ok("SELECT INBOX");
        await stuck.send("a FETCH 1:* BODY.PEEK[]\r\n");
        using other = await Wire.open(server, "alice@example.org");
        await other.ok("SELECT INBOX");
        await other.ok("STORE 1:* +FLAGS.SILENT (\\Flagged)");
        for (const _ of Array(20)) await other.ok("NOOP");
        // The server's end: it has given up on the other one and logged it.
        while (!server.logTail().includes("client does not read")) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          await other.ok("NOOP");
        }
        assert((await stuck.rest()).length < 60_000_000, "not all of it was sent");
      });
    },
  );

  await t.step("a million NOOPs without reading an answer: the server stops reading, memory is bounded", async () => {
    await within({ seconds: 20, mib: 192, pid: server.pid }, async () => {
      using flood = await Wire.open(server, "alice@example.org");
      const sent = flood.send("a NOOP\r\n".repeat(1_000_000)).then(() => "taken", () => "refused");
      using other = await Wire.open(server, "alice@example.org");
      await other.ok("NOOP");
      assert.equal(await sent, "refused");
      await other.ok("NOOP");
    });
  });

  await t.step("NOOPs without end, answers read: others are served beside them", async () => {
    await within({ seconds: 10, mib: 64, pid: server.pid }, async () => {
      using flood = await Wire.open(server, "alice@example.org");
      let over = false;
      const sent = (async () => {
        while (!over) await flood.send("a NOOP\r\n".repeat(10_000));
      })();
      const buffer = new Uint8Array(64 * 1024);
      (async () => {
        while (await flood.conn.read(buffer));
      })().catch(() => {}); // until it is closed
      // A login by itself used to wait for half a minute.
      using other = await Wire.open(server, "alice@example.org");
      for (let count = 0; count < 10; count++) await other.ok("NOOP");
      over = true;
      await sent;
    });
  });

  await t.step("before login nobody can ask for more than he reads either", async () => {
    await within({ seconds: 10, mib: 128, pid: server.pid }, async () => {
      using flood = await Wire.open(server);
      const sent = await flood.send("a CAPABILITY\r\n".repeat(2_000_000)).then(() => "taken", () => "refused");
      assert.equal(sent, "refused");
    });
  });

  assert.deepEqual(server.takeErrors(), []);
});

protocolTest("200 slow clients at once take no more than their buffers", async (t) => {
  await within({ seconds: 10, mib: 96 }, async () => {
    const clients = [];
    for (let count = 0; count < 200; count++) {
      const client = await t.connect();
      clients.push(client);
    }
    for (let round = 0; round < 100; round++) for (const client of clients) await client.send("x");
    for (const client of clients) client.vanish();
  });
});
