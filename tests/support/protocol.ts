/**
 * Protocol tests that read like the RFCs' examples, against a real connection over memory and a real store in a temporary folder.
 *
 * `C:` lines are sent, `S:` lines are awaited. `...` stands for any text. Where an exchange gives only the tagged answer of a
 * command, its untagged responses are not looked at; where it gives any, it must give all, in order; a line `S: ...` alone stands
 * for any number of lines.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { deriveCredentials } from "../../auth/secrets.ts";
import { Authenticator } from "../../auth/authenticator.ts";
import { Attempts } from "../../server/attempts.ts";
import { serveConnection } from "../../server/imap/connection.ts";
import type { ConnectionOptions, ServerContext } from "../../server/imap/context.ts";
import { oauthOptions } from "../../server/config/oauthoptions.ts";
import { type Config, configSchema } from "../../server/config/schema.ts";
import { Admission } from "../../server/net/admission.ts";
import { memoryPair } from "../../server/net/memory.ts";
import type { Transport } from "../../server/net/transport.ts";
import { flagSet } from "../../store/flags.ts";
import type { Account, MailStore, Store } from "../../store/store.ts";
import type { MailboxName } from "../../store/types.ts";
import { openStore } from "../../store/sqlite/open.ts";

const encoder = new TextEncoder();

/** A small mail with a subject; `extra` header lines, and a body. */
export function mail(subject: string, body = `${subject}\r\n`, extra: readonly string[] = []): string {
  const lines = [
    "From: Alice <alice@example.org>",
    "To: Bob <bob@example.org>",
    `Subject: ${subject}`,
    "Date: Mon, 7 Feb 1994 21:52:25 -0800",
    `Message-ID: <${subject.replace(/[^A-Za-z0-9]/g, "")}@example.org>`,
    ...extra,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** A message for a mailbox: its text, or with flags and internal date. */
export type Fixture = string | Uint8Array | {
  readonly text: string | Uint8Array;
  readonly flags?: readonly string[];
  /** Seconds since 1970. */
  readonly date?: number;
};

export interface ServerOptions {
  readonly config?: Record<string, unknown>;
  /** ms between INPROGRESS responses. */
  readonly progressEvery?: number;
}

/** What a connection pretends to be. */
type Link = Pick<Transport, "secure" | "remote" | "tls" | "startTls">;

/** An in-memory IMAP server with its own data folder. */
export class TestServer {
  readonly #running: Promise<void>[] = [];
  readonly #transports: Transport[] = [];
  #accounts = new Map<string, Account>();
  #next = 0;

  private constructor(readonly dataDir: string, readonly context: ServerContext) {}

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-test-" });
    const config: Config = configSchema.parse({ dataDir, ...options.config });
    const store = await openStore({
      dataDir,
      quotaBytes: config.quota,
      quotaMessages: config.quotaMessages,
      keywords: config.limits.keywords,
    });
    const auth = new Authenticator(store.directory, { failuresPerMinute: 1000, failuresPerDay: 1000 }, {
      oauth: config.oauth && await oauthOptions(config.oauth),
    });
    return new TestServer(dataDir, {
      store,
      auth,
      config,
      admission: new Admission(config.limits),
      attempts: new Attempts(store.directory),
      progressEvery: options.progressEvery,
    });
  }

  get store(): Store {
    return this.context.store;
  }

  /** The account of that address, made at its first mention; its password is "secret". */
  async account(address = "alice@example.org"): Promise<Account> {
    let account = this.#accounts.get(address);
    if (!account) {
      [account] = await this.store.directory.add([{ address, credentials: await credentials() }]);
      this.#accounts.set(address, account);
    }
    return account;
  }

  async mail(address?: string): Promise<MailStore> {
    return this.store.mail((await this.account(address)).id);
  }

  async uidvalidity(name: string, address?: string): Promise<number> {
    const mailbox = await (await this.mail(address)).mailbox(name as MailboxName);
    assert(mailbox, `no mailbox ${name}`);
    return mailbox.uidValidity;
  }

  /** Puts messages into a mailbox, which is made if it is missing. */
  async fill(name: string, messages: readonly Fixture[], address?: string): Promise<void> {
    const store = await this.mail(address);
    if (!await store.mailbox(name as MailboxName)) await store.createMailbox(name as MailboxName);
    for (const message of messages) {
      const fixture = typeof message === "string" || message instanceof Uint8Array ? { text: message } : message;
      const bytes = typeof fixture.text === "string" ? encoder.encode(fixture.text) : fixture.text;
      const draft = await store.draft(bytes.length);
      await draft.write(bytes);
      await store.append(name as MailboxName, [
        { draft, flags: flagSet(fixture.flags ?? []), internalDate: fixture.date },
      ]);
    }
  }

  /** A client that has read the greeting. */
  async connect(options: Partial<ConnectionOptions> & Partial<Link> = {}): Promise<TestClient> {
    const [server, client] = memoryPair();
    const { tls, secure = tls !== undefined, remote = "127.0.0.1" } = options;
    const startTls = options.startTls && (async () => {
      const secured = await options.startTls?.();
      assert(secured);
      this.#transports.push(secured);
      return secured;
    });
    const transport = { ...bind(server), secure, remote, tls, startTls };
    this.#transports.push(client);
    this.#running.push(serveConnection(transport, this.context, {
      id: `t${++this.#next}`,
      cleartextLogin: true,
      ...options,
    }));
    const test = new TestClient(client);
    test.greeting = await test.line();
    return test;
  }

  /** A client that is logged in, with messages in INBOX. */
  async login(options: { address?: string; inbox?: readonly Fixture[] } = {}): Promise<TestClient> {
    const account = await this.account(options.address);
    if (options.inbox) await this.fill("INBOX", options.inbox, account.address);
    const client = await this.connect();
    await client.ok(`LOGIN ${account.address} secret`);
    return client;
  }

  /** All connections so far are over, on the server's side too. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    for (const transport of this.#transports) transport.abort();
    await this.ended();
    await this.context.attempts.close();
    await this.store.close();
    await Deno.remove(this.dataDir, { recursive: true });
  }
}

function bind(transport: Transport): Transport {
  return {
    readable: transport.readable,
    writable: transport.writable,
    remote: "127.0.0.1",
    secure: transport.secure,
    abort: () => transport.abort(),
  };
}

let derived: Promise<Readonly<Record<string, string>>> | undefined;

/** Derived once: all test accounts have the password "secret". */
function credentials() {
  return derived ??= deriveCredentials("secret");
}

export class TestClient {
  greeting = "";
  #buffer = new Uint8Array(0);
  #tag = 0;

  constructor(readonly transport: Transport) {}

  /** Sends bytes or text as they are. */
  async send(data: string | Uint8Array): Promise<void> {
    await this.transport.writable.write(typeof data === "string" ? encoder.encode(data) : data);
  }

  /** The next line, as Latin-1 text without CRLF. @throws at the end of the stream */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end >= 0) {
        const line = latin1(this.#buffer.subarray(0, end)).replace(/\r$/, "");
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      if (!await this.#more()) throw new Error(`connection ended; left: ${new TextDecoder().decode(this.#buffer)}`);
    }
  }

  async #more(): Promise<boolean> {
    const bytes = await this.transport.readable.read();
    if (!bytes) return false;
    const all = new Uint8Array(this.#buffer.length + bytes.length);
    all.set(this.#buffer);
    all.set(bytes, this.#buffer.length);
    this.#buffer = all;
    return true;
  }

  /** The next bytes as they come, those already read first; none at the end of the stream. */
  async bytes(): Promise<Uint8Array> {
    if (this.#buffer.length === 0) await this.#more();
    const bytes = this.#buffer;
    this.#buffer = new Uint8Array(0);
    return bytes;
  }

  /** Everything until the server closes. */
  async rest(): Promise<string> {
    while (await this.#more());
    return latin1(this.#buffer);
  }

  /** Sends a command under a new tag; gives its lines, the tagged one last. */
  async command(text: string): Promise<string[]> {
    const tag = `t${++this.#tag}`;
    await this.send(`${tag} ${text}\r\n`);
    return await this.answer(tag);
  }

  /** Lines up to the tagged one. */
  async answer(tag: string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      lines.push(line);
      if (line.startsWith(`${tag} `)) return lines;
    }
  }

  /** As `command`; fails unless it was answered OK. The untagged lines. */
  async ok(text: string): Promise<string[]> {
    const lines = await this.command(text);
    const last = lines.pop() ?? "";
    assert.match(last, /^\S+ OK/, `${text} -> ${last}`);
    return lines;
  }

  /** Plays a dialogue (see the head of this file). */
  async exchange(script: string): Promise<void> {
    const steps = script.split("\n").map((line) => line.trim()).filter((line) => line !== "");
    for (let at = 0; at < steps.length;) {
      if (steps[at].startsWith("C:")) {
        await this.send(`${steps[at++].slice(2).replace(/^ /, "")}\r\n`);
        continue;
      }
      let end = at;
      while (end < steps.length && steps[end].startsWith("S:")) end++;
      assert(end > at, `neither C: nor S: in ${steps[at]}`);
      await this.#expect(steps.slice(at, end).map((line) => line.slice(2).replace(/^ /, "")));
      at = end;
    }
  }

  async #expect(expected: readonly string[]): Promise<void> {
    const lenient = expected.length === 1 && /^\w+ (OK|NO|BAD)/.test(expected[0]);
    for (let at = 0; at < expected.length; at++) {
      const skips = lenient || expected[at] === "...";
      if (expected[at] === "...") at++;
      assert(at < expected.length, "`S: ...` needs a line after it");
      const wanted = pattern(expected[at]);
      for (;;) {
        const line = await this.line();
        if (wanted.test(line)) break;
        if (skips && !/^[A-Za-z]\w* (OK|NO|BAD) /.test(line)) continue;
        assert.fail(`expected: ${expected[at]}\n     got: ${line}`);
      }
    }
  }

  /** Ends the connection without a word. */
  vanish(): void {
    this.transport.abort();
  }
}

/** Each byte as one character (TextDecoder's "latin1" is windows-1252). */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function pattern(expected: string): RegExp {
  const parts = expected.split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** A test with a server of its own. */
export function protocolTest(
  name: string,
  run: (server: TestServer) => Promise<void>,
  options: ServerOptions = {},
): void {
  Deno.test(name, async () => {
    const server = await TestServer.start(options);
    try {
      await run(server);
    } finally {
      await server.stop();
    }
  });
}
