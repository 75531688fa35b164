/**
 * The server is killed and restarted under mail servers that send, and send again what was not answered with 250: every recipient has
 * every message, once. ROOST_LMTP_MESSAGES sets how many messages; a long run takes 1000.
 */
import assert from "node:assert/strict";
import type { MailboxName } from "../../store/types.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { LmtpClient, messagesIn } from "./support.ts";

const MESSAGES = Number(Deno.env.get("ROOST_LMTP_MESSAGES") ?? 150);
const RECIPIENTS = Array.from({ length: 10 }, (_, at) => `u${at}@example.org`);
const SENDERS = 4;
const KILLS = 4;
/** Connections that a kill can break, each twice: the one it has, and one to a server that is just being killed. */
const MOST_RETRIES = 2 * SENDERS * KILLS;

class Run {
  readonly #queue = Array.from({ length: MESSAGES }, (_, number) => number).values();
  #answers = 0;
  #kills = 0;
  #down: Promise<void> | undefined;
  retried = 0;

  constructor(readonly server: TestServer, readonly path: string) {}

  async all(): Promise<void> {
    await Promise.all(Array.from({ length: SENDERS }, async () => {
      let client: LmtpClient | undefined;
      for (const number of this.#queue) {
        const open = new Set(RECIPIENTS);
        while (open.size > 0) {
          try {
            client ??= await this.#connect();
            await this.#send(client, number, open);
          } catch (error) {
            client?.close();
            client = undefined;
            if (error instanceof assert.AssertionError || ++this.retried > MOST_RETRIES) throw error;
            await this.#down; // the server is being started again
          }
        }
      }
      client?.close();
    }));
    await this.#down;
  }

  async #connect(): Promise<LmtpClient> {
    const client = new LmtpClient(await Deno.connect({ transport: "unix", path: this.path }));
    try {
      assert.match(await client.line(), /^220 /);
      await client.send("LHLO sender\r\n");
      await client.reply();
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Takes from `open` who was answered with 250. */
  async #send(client: LmtpClient, number: number, open: Set<string>): Promise<void> {
    const recipients = [...open];
    const lines = ["MAIL FROM:<ed@example.net>", ...recipients.map((address) => `RCPT TO:<${address}>`), "DATA"];
    await client.send(lines.map((line) => `${line}\r\n`).join(""));
    for (let count = 0; count <= recipients.length; count++) assert.match(await client.line(), /^250 /);
    assert.match(await client.line(), /^354 /);
    const body = "x".repeat(number % 50 === 0 ? 200_000 : 500);
    await client.send(`Message-ID: <${number}@example.net>\r\nSubject: ${number}\r\n\r\n${body}\r\n.\r\n`);
    for (const address of recipients) {
      assert.match(await client.line(), /^250 /);
      open.delete(address);
      this.#answered();
    }
  }

  #answered(): void {
    this.#answers++;
    if (this.#kills === KILLS || this.#answers < ((this.#kills + 1) * MESSAGES * RECIPIENTS.length) / (KILLS + 1)) {
      return;
    }
    this.#kills++;
    this.#down = (async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20)); // any moment will do
      await this.server.kill();
      await this.server.restart();
    })();
  }
}

Deno.test("killed and restarted at any moment: every 250 has its message, once", async () => {
  const directory = await Deno.makeTempDir({ prefix: "roost-lmtp-" });
  const path = `${directory}/lmtp`;
  try {
    await using server = await startServer({
      config: {
        listeners: [
          { protocol: "lmtp", path },
          { protocol: "imap", port: 0 },
          { protocol: "imaps", port: 0 },
        ],
        delivery: { suppressDuplicates: true },
      },
    });
    await server.addAccounts(RECIPIENTS.map((address) => ({ address, password: "secret" })));
    const run = new Run(server, path);
    await run.all().catch((error) => assert.fail(`${error.message}\n${server.logTail()}`));
    assert(run.retried > 0, "no sender noticed");
    assert.equal(await server.stop(), 0);
    assert.deepEqual(server.takeErrors(), []);
    const store = await openStore({ dataDir: server.dataDir, quotaBytes: 0, quotaMessages: 0 });
    try {
      for (const address of RECIPIENTS) {
        const account = await store.directory.find(address);
        assert(account);
        const mail = store.mail(account.id);
        const numbers = (await messagesIn(mail, "INBOX" as MailboxName)).map((text) =>
          /^Subject: (\d+)/m.exec(text)?.[1]
        );
        assert.equal(numbers.length, MESSAGES, `${address} has messages twice`);
        assert.equal(new Set(numbers).size, MESSAGES);
      }
    } finally {
      await store.close();
    }
    const verified = await server.roost(["verify"]);
    assert.equal(verified.code, 0, new TextDecoder().decode(verified.stdout));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
