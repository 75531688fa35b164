/**
 * LMTP dialogues that read like the RFCs' examples, against a listener in this process with a real store in a temporary folder.
 * `C:` lines are sent, `S:` lines are awaited; `...` stands for any text.
 */
import assert from "node:assert/strict";
import { configSchema } from "../../server/config/schema.ts";
import { listenLmtp, type LmtpListener } from "../../server/lmtp/listener.ts";
import type { Account, MailStore, Store } from "../../store/store.ts";
import { type MailboxName, MAX_UID, type ModSeq, type Uid } from "../../store/types.ts";
import { openStore } from "../../store/sqlite/open.ts";

export interface LmtpOptions {
  readonly config?: Record<string, unknown>;
  /** Keys of the listener. */
  readonly listener?: Record<string, unknown>;
  readonly accounts?: readonly string[];
}

/** A test with a listener on a Unix socket; the accounts are ann@example.org and bob@example.org. */
export function lmtpTest(name: string, run: (test: LmtpTest) => Promise<void>, options: LmtpOptions = {}): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-lmtp-" });
    const test = await LmtpTest.start(directory, options);
    try {
      await run(test);
    } finally {
      await test.stop();
      await Deno.remove(directory, { recursive: true });
    }
  });
}

export class LmtpTest {
  readonly #clients: LmtpClient[] = [];
  #stopped = false;

  private constructor(
    readonly directory: string,
    readonly path: string,
    readonly store: Store,
    readonly listener: LmtpListener,
  ) {}

  static async start(directory: string, options: LmtpOptions): Promise<LmtpTest> {
    const path = `${directory}/lmtp`;
    const config = configSchema.parse({
      hostname: "mail.example.org",
      listeners: [{
        protocol: "lmtp",
        path: options.listener?.port === undefined ? path : undefined,
        ...options.listener,
      }],
      ...options.config,
    });
    const store = await openStore({
      dataDir: directory,
      quotaBytes: config.quota,
      quotaMessages: config.quotaMessages,
    });
    const accounts = options.accounts ?? ["ann@example.org", "bob@example.org"];
    await store.directory.add(accounts.map((address) => ({ address, credentials: {} })));
    return new LmtpTest(directory, path, store, await listenLmtp(config.listeners[0], { store, config }));
  }

  /** A client that has read the greeting. */
  async connect(): Promise<LmtpClient> {
    const { port } = this.listener;
    const connection = port === 0
      ? await Deno.connect({ transport: "unix", path: this.path })
      : await Deno.connect({ port });
    const client = new LmtpClient(connection);
    this.#clients.push(client);
    client.greeting = await client.line();
    return client;
  }

  /** A client that has said LHLO. */
  async hello(): Promise<LmtpClient> {
    const client = await this.connect();
    await client.send("LHLO client\r\n");
    await client.reply();
    return client;
  }

  async account(address = "ann@example.org"): Promise<Account> {
    const account = await this.store.directory.find(address);
    assert(account, `no account ${address}`);
    return account;
  }

  async mail(address?: string): Promise<MailStore> {
    return this.store.mail((await this.account(address)).id);
  }

  /** All messages of a mailbox as text. */
  async messages(address?: string, mailbox = "INBOX"): Promise<string[]> {
    return await messagesIn(await this.mail(address), mailbox);
  }

  async close(timeout = 3000): Promise<void> {
    if (!this.#stopped) await this.listener.close(timeout);
    this.#stopped = true;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.close();
    await this.store.close();
  }
}

/** All messages of a mailbox as text. */
export async function messagesIn(mail: MailStore, mailbox = "INBOX"): Promise<string[]> {
  const found = await mail.mailbox(mailbox as MailboxName);
  assert(found, `no mailbox ${mailbox}`);
  const texts: string[] = [];
  const all = [{ first: 1 as Uid, last: MAX_UID }];
  for await (const rows of mail.read(found.id, all, ["emailId"], 0 as ModSeq)) {
    for (const [email] of rows) {
      using content = await mail.content(email);
      assert(content);
      texts.push(new TextDecoder().decode(content.read(0, content.size)));
    }
  }
  return texts;
}

export class LmtpClient {
  greeting = "";
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #text = "";
  #open = true;

  constructor(readonly connection: Deno.Conn) {}

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? this.#encoder.encode(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** The next line without CRLF. @throws at the end of the stream */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return line;
      }
      const buffer = new Uint8Array(4096);
      const size = await this.connection.read(buffer);
      if (size === null) throw new Error(`the connection ended; left: ${JSON.stringify(this.#text)}`);
      this.#text += this.#decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  }

  /** The lines of the next reply. */
  async reply(): Promise<string[]> {
    const lines = [await this.line()];
    while (lines.at(-1)?.[3] === "-") lines.push(await this.line());
    return lines;
  }

  /** Nothing more comes. */
  async ended(): Promise<void> {
    await assert.rejects(this.line(), /the connection ended; left: ""/);
  }

  /** Plays a dialogue (see the head of this file). */
  async exchange(script: string): Promise<void> {
    for (const step of script.split("\n").map((line) => line.trim()).filter((line) => line !== "")) {
      const text = step.slice(2).replace(/^ /, "");
      if (step.startsWith("C:")) await this.send(`${text}\r\n`);
      else {
        assert(step.startsWith("S:"), `neither C: nor S: in ${step}`);
        const line = await this.line();
        const parts = text.split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        assert.match(line, new RegExp(`^${parts.join(".*")}$`, "s"), `expected ${text}`);
      }
    }
  }

  /** One message; the answers for its recipients, of RCPT where it was refused. */
  async deliver(
    recipients: readonly string[],
    message: string | Uint8Array,
    sender = "ed@example.net",
  ): Promise<string[]> {
    await this.send(`MAIL FROM:<${sender}>\r\n${recipients.map((address) => `RCPT TO:<${address}>\r\n`).join("")}`);
    assert.match((await this.reply())[0], /^250 /);
    const answers: string[] = [];
    for (let at = 0; at < recipients.length; at++) answers.push((await this.reply())[0]);
    if (!answers.some((answer) => answer.startsWith("250"))) {
      await this.send("RSET\r\n");
      await this.reply();
      return answers;
    }
    await this.send("DATA\r\n");
    assert.match((await this.reply())[0], /^354 /);
    await this.send(message);
    await this.send("\r\n.\r\n");
    for (let at = 0; at < recipients.length; at++) {
      if (answers[at].startsWith("250")) answers[at] = (await this.reply())[0];
    }
    return answers;
  }

  close(): void {
    if (this.#open) this.connection.close();
    this.#open = false;
  }
}
