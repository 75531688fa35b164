/**
 * `--tls`: hostile clients side by side against a server process: handshakes and records that are good, cut, spoilt and out of turn,
 * STARTTLS with and without what may not be there, keys known and unknown, and all the inputs of IMAP through TLS. A canary works
 * beside them. The server's memory is looked at all the time; that it ends, logs an error or stops answering is a finding.
 */
import { Random } from "../../tests/model/random.ts";
import { type ClientOptions, type Session, TlsClient } from "../../tests/net/tls/client.ts";
import { pairFor } from "../../tests/net/tls/pairs.ts";
import { startServer, type TestServer } from "../../tests/support/server.ts";
import { bytesOf } from "./bytes.ts";
import { Grammar } from "./grammar.ts";
import { monster } from "./monsters.ts";
import { mutate, noise } from "./mutate.ts";
import { Finding } from "./peer.ts";
import { SpoiledSocket } from "./spoiled.ts";
import { TlsPeer } from "./tlspeer.ts";

const CLIENTS = 8;
const ACCOUNTS = 4;
/** The server may hold so much more at the end than when it had warmed up, in MiB. */
const GROWTH = 160;
/** No connection lives longer, in ms. */
const LONGEST = 10_000;
const LIMITS = {
  messageSize: 256 * 1024,
  argumentLiteral: 8 * 1024,
  commandLiterals: 64 * 1024,
  timeoutBeforeLogin: 5,
  timeoutAfterLogin: 60,
  writeTimeout: 5,
  writeTimeoutBeforeLogin: 5,
  connectionsPerMinute: 0,
  connectionsPerAddress: 0,
  connectionsPerAccount: 0,
  loginFailuresPerMinute: 0,
  loginFailuresPerDay: 0,
};

export interface TlsFuzzResult {
  readonly connections: number;
  readonly handshakes: number;
  readonly resumed: number;
  readonly startTls: number;
  /** Handshakes and connections that were spoilt on purpose. */
  readonly spoilt: number;
  readonly inputs: number;
  readonly answers: number;
  readonly canaryRounds: number;
  readonly seconds: number;
  /** Of the server, in MiB: before the first client, at most, when all had gone. */
  readonly rss: { readonly start: number; readonly peak: number; readonly end: number };
}

/** @throws {Error} what the server did wrong */
export async function fuzzTls(options: { seconds: number; seed: number }): Promise<TlsFuzzResult> {
  await using server = await startServer({ limits: LIMITS });
  const run = new TlsRun(server, options);
  try {
    return await run.all();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${server.logTail(30)}`, { cause: error });
  }
}

class TlsRun {
  readonly #seeds: Random;
  readonly #end: number;
  readonly #start = performance.now();
  readonly #count = { connections: 0, handshakes: 0, resumed: 0, startTls: 0, spoilt: 0, inputs: 0, answers: 0 };
  #certificates: { cert: string; key: string }[] = [];
  /** One that can be taken up; whoever takes it frees it. */
  #session: Session | undefined;
  #over = false;
  #rounds = 0;

  constructor(readonly server: TestServer, readonly options: { seconds: number; seed: number }) {
    this.#seeds = new Random(options.seed);
    this.#end = this.#start + options.seconds * 1000;
  }

  async all(): Promise<TlsFuzzResult> {
    const directory = await Deno.makeTempDir({ prefix: "roost-fuzz-" });
    try {
      await this.#prepare(directory);
      const start = this.#rss();
      const memory = { peak: start, warm: 0 };
      const parts = [this.#watch(memory), this.#canary(), ...Array.from({ length: CLIENTS }, () => this.#clients())];
      const outcomes = await Promise.allSettled(parts.map((part) => part.catch((error) => this.#stop(error))));
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      // What is left of the last connections goes within their timeouts.
      await new Promise((resolve) => setTimeout(resolve, 6000));
      const end = this.#rss();
      const errors = this.server.takeErrors();
      if (errors.length > 0) throw new Error(`logged: ${errors.slice(0, 3).join("\n")}`);
      if (end > memory.warm + GROWTH) throw new Error(`memory grew from ${memory.warm} to ${end} MiB`);
      const seconds = Math.round((performance.now() - this.#start) / 1000);
      return { ...this.#count, canaryRounds: this.#rounds, seconds, rss: { start, peak: memory.peak, end } };
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }

  /** Accounts, and keys of which the first is registered, the second is without PREAUTH, and the third is nobody's. */
  async #prepare(directory: string): Promise<void> {
    const accounts = Array.from({ length: ACCOUNTS }, (_, at) => ({ address: addressOf(at), password: "secret" }));
    await this.server.addAccounts([...accounts, { address: CANARY, password: "secret" }]);
    for (const at of [0, 1, 2]) {
      const pair = await pairFor([`client${at}.example`]);
      const files = { cert: `${directory}/${at}.crt`, key: `${directory}/${at}.key` };
      await Deno.writeTextFile(files.cert, pair.cert);
      await Deno.writeTextFile(files.key, pair.key);
      this.#certificates.push(files);
      if (at === 2) break;
      const added = await this.server.roost([
        ...["tlskey", "add", addressOf(at), files.cert],
        ...(at === 1 ? ["--no-preauth"] : []),
      ]);
      if (added.code !== 0) throw new Error(`tlskey add: ${added.stderr}`);
    }
  }

  #stop(error: unknown): never {
    this.#over = true;
    throw error;
  }

  get #done(): boolean {
    return this.#over || performance.now() > this.#end;
  }

  /** MiB. @throws {Finding} there is no server */
  #rss(): number {
    let status = "";
    try {
      status = Deno.readTextFileSync(`/proc/${this.server.pid}/status`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const kib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    if (!kib) throw new Finding("the server has ended");
    return Math.round(Number(kib) / 1024);
  }

  async #watch(memory: { peak: number; warm: number }): Promise<void> {
    const warmUntil = this.#start + Math.min(60_000, this.options.seconds * 300);
    while (!this.#done) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const rss = this.#rss();
      memory.peak = Math.max(memory.peak, rss);
      if (performance.now() < warmUntil) memory.warm = Math.max(memory.warm, rss);
      const errors = this.server.takeErrors();
      if (errors.length > 0) throw new Finding(`logged: ${errors[0]}`);
    }
  }

  /** Normal work in TLS that must not be hindered. */
  async #canary(): Promise<void> {
    const peer = await this.#connect(new Random(1), {});
    const ok = async (text: string) => {
      const tagged = await peer.command(`y${++this.#rounds}`, text);
      if (!tagged?.includes(" OK")) throw new Finding(`the canary was refused: ${text}: ${tagged}`);
    };
    await ok(`LOGIN ${CANARY} secret`);
    const text = "Subject: cheep\r\n\r\ncheep\r\n";
    await ok(`APPEND INBOX {${text.length}+}\r\n${text}`);
    await ok("SELECT INBOX");
    while (!this.#done) {
      await ok("UID FETCH 1 (FLAGS BODY.PEEK[])");
      await ok("STORE 1 -FLAGS (\\Seen)");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await peer.close();
  }

  async #connect(random: Random, options: ClientOptions): Promise<TlsPeer> {
    const peer = new TlsPeer(await SpoiledSocket.to(this.server.imapsPort, random));
    await peer.handshake(options);
    return peer;
  }

  async #clients(): Promise<void> {
    while (!this.#done) {
      const random = new Random(this.#seeds.below(2 ** 32));
      this.#count.connections++;
      if (random.chance(0.15)) await this.#brokenHello(random);
      else await this.#client(random);
    }
  }

  /** What is no handshake, or was one once. */
  async #brokenHello(random: Random): Promise<void> {
    this.#count.spoilt++;
    const socket = await SpoiledSocket.to(this.server.imapsPort, random);
    const peer = new TlsPeer(socket);
    try {
      const client = new TlsClient(socket, this.#options(random));
      const hello = client.hello();
      client.free();
      const bytes = random.chance(0.2)
        ? noise(random, 1 + random.below(20_000))
        : mutate(random, hello, noise(random, 300));
      await peer.send(bytes);
      if (random.chance(0.5)) await peer.send(random.chance(0.5) ? hello : noise(random, random.below(1000)));
      const gone = setTimeout(() => socket.close(), random.below(100));
      await socket.read(new Uint8Array(1000)).finally(() => clearTimeout(gone));
    } catch (error) {
      if (error instanceof Finding) throw error;
    } finally {
      socket.close();
    }
  }

  #options(random: Random): ClientOptions {
    return {
      version: random.pick(["TLSv1.2", "TLSv1.3"] as const),
      serverName: random.pick([undefined, "localhost", "example.org", "x".repeat(200)]),
      alpn: random.pick([undefined, undefined, ["imap"], ["x", "imap"]]),
      certificate: random.pick([undefined, undefined, ...this.#certificates]),
      extendedMasterSecret: random.chance(0.9),
    };
  }

  async #client(random: Random): Promise<void> {
    const startTls = random.chance(0.3);
    const spoilAt = random.chance(0.3) ? random.below(random.pick([300, 1500, 10_000])) : Infinity;
    if (spoilAt < Infinity) this.#count.spoilt++;
    const port = startTls ? this.server.imapPort : this.server.imapsPort;
    const peer = new TlsPeer(await SpoiledSocket.to(port, random, spoilAt));
    const timer = setTimeout(() => peer.socket.close(), LONGEST);
    const session = this.#session;
    this.#session = undefined;
    try {
      if (startTls && !await this.#startTls(random, peer, spoilAt === Infinity)) return;
      const options = this.#options(random);
      // A session is taken up in its own version only, or not.
      await peer.handshake(session && random.chance(0.7) ? { ...options, session } : options);
      this.#count.handshakes++;
      if (peer.tls?.resumed) this.#count.resumed++;
      await this.#imap(random, peer, startTls);
    } catch (error) {
      if (error instanceof Finding && spoilAt === Infinity) throw error;
      if (error instanceof Finding && /bug|CR|LF/.test(error.message)) throw error;
    } finally {
      clearTimeout(timer);
      session?.[Symbol.dispose]();
      this.#count.answers += peer.answers;
      await peer.close();
    }
  }

  /** @param whole nothing is spoilt on its way @returns whether the handshake may begin */
  async #startTls(random: Random, peer: TlsPeer, whole: boolean): Promise<boolean> {
    if (!await peer.clear(/^\* OK .*\r\n/)) return false;
    if (random.chance(0.3)) await peer.send(`a ${random.pick(["NOOP", "CAPABILITY", "ID NIL", "X"])}\r\n`);
    const behind = random.chance(0.2) ? random.pick(["b NOOP\r\n", "\0", "\x16\x03\x01", "b LOGIN a b"]) : "";
    await peer.send(`s STARTTLS\r\n${behind}`);
    if (!await peer.clear(/^s OK .*\r\n/m)) {
      if (behind === "" && whole) throw new Finding("STARTTLS was refused");
      return false;
    }
    if (behind !== "") {
      // They came a packet later: in place of a handshake, and so the end.
      if (await this.#handshakes(peer)) throw new Finding("STARTTLS went on with bytes behind it");
      return false;
    }
    this.#count.startTls++;
    return true;
  }

  async #handshakes(peer: TlsPeer): Promise<boolean> {
    try {
      await peer.handshake({});
      return true;
    } catch {
      return false;
    }
  }

  async #imap(random: Random, peer: TlsPeer, startTls: boolean): Promise<void> {
    let preauth = false;
    if (!startTls) {
      preauth = (await peer.until((text) => /^\* (?:OK|PREAUTH|BYE) /.test(text)))?.startsWith("* PREAUTH") ?? false;
    }
    const address = addressOf(random.below(ACCOUNTS));
    if (!preauth && random.chance(0.8)) await peer.command("l", `LOGIN ${address} secret`);
    if (random.chance(0.6)) await peer.command("e", "SELECT INBOX");
    const grammar = new Grammar(random, address, Array.from({ length: ACCOUNTS }, (_, at) => addressOf(at)));
    for (let inputs = random.below(30); inputs > 0 && !peer.over; inputs--) {
      this.#count.inputs++;
      await this.#input(random, peer, grammar);
      if (random.chance(0.2)) await new Promise((resolve) => setTimeout(resolve, random.below(20)));
    }
    if (random.chance(0.5) && !this.#session && !peer.over) this.#session = peer.session();
    if (random.chance(0.5)) {
      // In whatever state it is: the connection answers or ends.
      await peer.send("\r\n\r\nDONE\r\n\r\nq LOGOUT\r\n");
      await peer.tls?.shutdown();
    }
  }

  async #input(random: Random, peer: TlsPeer, grammar: Grammar): Promise<void> {
    const tag = `z${random.below(36 ** 6).toString(36)}`;
    const dice = random.next();
    if (dice < 0.45) await peer.send(`${tag} ${grammar.command()}\r\n`);
    else if (dice < 0.75) {
      await peer.send(
        mutate(random, bytesOf(`${tag} ${grammar.command()}\r\n`), bytesOf(`x ${grammar.command()}\r\n`)),
      );
    } else if (dice < 0.85) await peer.send(noise(random, 1 + random.below(5000)));
    else if (dice < 0.9) await peer.send(monster(random, tag));
    else if (dice < 0.95 && peer.tls) {
      peer.tls.keyUpdate();
      await peer.tls.flush();
    } else if (dice < 0.96 && peer.tls) {
      peer.tls.renegotiate();
      await peer.tls.flush();
    } else {
      // Past TLS, into the middle of its records.
      await peer.socket.write(noise(random, 1 + random.below(random.pick([5, 100, 20_000]))));
    }
  }
}

const CANARY = "canary@example.org";

function addressOf(at: number): string {
  return `fuzz${at}@example.org`;
}
