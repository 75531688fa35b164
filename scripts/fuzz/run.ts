/** The whole run: an in-memory server, hostile sessions side by side, mails, and a canary; then memory and the store are looked at. */
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { Random } from "../../tests/model/random.ts";
import { TestServer } from "../../tests/support/protocol.ts";
import { StoreError } from "../../store/mod.ts";
import { Rights } from "../../store/rights.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { Canary } from "./canary.ts";
import { Mails } from "./mails.ts";
import { MailSession } from "./mailsession.ts";
import { Memory } from "./memory.ts";
import { Peer } from "./peer.ts";
import { count, FuzzSession, STATES, type Tally } from "./session.ts";

/** Small, so that they are met often and a literal can be filled up quickly. */
const LIMITS = { messageSize: 256 * 1024, argumentLiteral: 8 * 1024, commandLiterals: 64 * 1024 };
/** Accounts with their own crowd of sessions, and how many sessions are open on each at once. */
const GROUPS = 2;
const SESSIONS = 3;
/** After so many sessions the account is removed and another made. */
const SESSIONS_AN_ACCOUNT = 60;
const MAILS_AN_ACCOUNT = 150;

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
}

export interface FuzzResult extends Tally {
  readonly sessions: number;
  readonly mails: number;
  readonly canaryRounds: number;
  readonly seconds: number;
  /** Bytes. */
  readonly peakRss: number;
}

/** @throws {Error} what the server did wrong */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const run = new Run(options);
  const faults: string[] = [];
  const heard = (record: LogRecord) => {
    const { error, ...rest } = record.properties;
    faults.push(
      `logged: ${record.message.join("")} ${JSON.stringify(rest)} ${error instanceof Error ? error.stack : ""}`,
    );
  };
  await configure({
    reset: true,
    sinks: { faults: heard },
    loggers: [{ category: ["roost"], sinks: ["faults"], lowestLevel: "error" }, {
      category: ["logtape", "meta"],
      sinks: [],
    }],
  });
  const stray = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    faults.push(`unhandled rejection: ${event.reason?.stack ?? event.reason}`);
  };
  globalThis.addEventListener("unhandledrejection", stray);
  try {
    const result = await run.all(faults);
    if (faults.length > 0) throw new Error(faults[0]);
    return result;
  } catch (error) {
    // The log knows more than the client was told.
    throw new Error([(error as Error).message, ...faults.slice(0, 3)].join("\n"), { cause: error });
  } finally {
    globalThis.removeEventListener("unhandledrejection", stray);
    await reset();
  }
}

class Run {
  readonly #mails = new Mails();
  /** Addresses of accounts that let others see something. */
  readonly #sharing: string[] = [];
  readonly #memory = new Memory();
  readonly #tally: Tally = { inputs: 0, answers: 0, slowest: { ms: 0, input: "" } };
  #sessions = 0;
  #mailed = 0;
  #accounts = 0;
  #stopped = false;
  readonly #end: number;
  readonly #start = performance.now();

  constructor(readonly options: FuzzOptions) {
    this.#end = this.#start + options.seconds * 1000;
  }

  get #over(): boolean {
    return this.#stopped || performance.now() > this.#end;
  }

  async all(faults: readonly string[]): Promise<FuzzResult> {
    const server = await TestServer.start({ config: { limits: LIMITS } });
    try {
      return await this.#all(server, faults);
    } catch (error) {
      // A server that hangs cannot be stopped in order.
      await Deno.remove(server.dataDir, { recursive: true });
      throw error;
    }
  }

  async #all(server: TestServer, faults: readonly string[]): Promise<FuzzResult> {
    const seeds = new Random(this.options.seed);
    const random = () => new Random(seeds.below(2 ** 32));
    let canaryRounds = 0;
    const parts = [
      this.#canary(server, random()).then((rounds) => canaryRounds = rounds),
      this.#mailParts(server, random()),
      ...Array.from({ length: GROUPS }, () => this.#group(server, random())),
      this.#watch(faults),
    ];
    // When one has found something the others need not go on; none is left behind.
    const outcomes = await Promise.allSettled(parts.map(async (part) => {
      try {
        await part;
      } catch (error) {
        this.#stopped = true;
        throw error;
      }
    }));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    const broken: string[] = [];
    await verifyStore(server.dataDir, (fault) => {
      if (!fault.note) broken.push(JSON.stringify(fault));
    });
    if (broken.length > 0) throw new Error(`the store is broken: ${broken.slice(0, 5).join("\n")}`);
    this.#memory.check(this.options.seconds);
    await server.stop();
    return {
      ...this.#tally,
      sessions: this.#sessions,
      mails: this.#mailed,
      canaryRounds,
      seconds: Math.round((performance.now() - this.#start) / 1000),
      peakRss: this.#memory.peakRss,
    };
  }

  async #watch(faults: readonly string[]): Promise<void> {
    while (!this.#over) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (faults.length > 0) this.#stopped = true;
      this.#memory.sample();
    }
  }

  async #canary(server: TestServer, random: Random): Promise<number> {
    const address = "canary@example.org";
    await server.account(address);
    const peer = new Peer(server.context, { remote: "192.0.2.1", secure: true, cleartextLogin: true });
    const canary = new Canary(peer, random);
    await canary.start(address);
    while (!this.#over) {
      await canary.round();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await peer.end();
    return canary.rounds;
  }

  async #mailParts(server: TestServer, random: Random): Promise<void> {
    while (!this.#over) {
      const { address, remove } = await this.#account(server, "mails");
      const peer = new Peer(server.context, { remote: "192.0.2.2", secure: true, cleartextLogin: true });
      await peer.settle();
      await peer.command("a", `LOGIN ${address} secret`);
      if (random.chance(0.5)) await peer.command("b", "ENABLE IMAP4rev2");
      await peer.command("c", "SELECT Archive");
      const session = new MailSession(peer, random, "Archive");
      for (let count = 0; count < MAILS_AN_ACCOUNT && !this.#over; count++) {
        await session.run(this.#mails.next(random));
        this.#mailed++;
      }
      count(this.#tally, peer);
      await peer.end();
      await remove();
    }
  }

  async #group(server: TestServer, random: Random): Promise<void> {
    while (!this.#over) {
      const { address, remove } = await this.#account(server, "fuzz");
      await this.#share(server, random, address);
      let left = SESSIONS_AN_ACCOUNT;
      await Promise.all(Array.from({ length: SESSIONS }, async () => {
        while (left-- > 0 && !this.#over) {
          const own = new Random(random.below(2 ** 32));
          await this.#fill(server, own, address);
          const session = new FuzzSession(server.context, own, address, own.pick(STATES), this.#sharing);
          await session.run(this.#tally);
          this.#sessions++;
        }
      }));
      this.#sharing.splice(this.#sharing.indexOf(address), 1);
      await remove();
    }
  }

  /** Lets other accounts see some of what the account has. */
  async #share(server: TestServer, random: Random, address: string): Promise<void> {
    await this.#fill(server, random, address);
    const mail = await server.mail(address);
    for (const { id } of await mail.mailboxes()) {
      const rights = random.pick(["lr", "lrs", "lrswi", "lrswipkxtea", "lrswipkxte", "p", ""]);
      await server.store.acl.change(mail.account, id, "anyone", "set", new Rights(rights));
    }
    this.#sharing.push(address);
  }

  /** Gives the sessions something to read; others of them may delete or make the mailbox at the same time. */
  async #fill(server: TestServer, random: Random, address: string): Promise<void> {
    try {
      await server.fill("fuzz", [this.#mails.next(random), this.#mails.next(random)], address);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }

  async #account(server: TestServer, kind: string): Promise<{ address: string; remove(): Promise<void> }> {
    const address = `${kind}${++this.#accounts}@example.org`;
    const { id } = await server.account(address);
    return { address, remove: () => server.store.directory.remove(id) };
  }
}
