/** One hostile session: brings a connection into a state, sends it what no client should, and sees that each answer is in order. */
import type { ServerContext } from "../../server/imap/context.ts";
import type { Random } from "../../tests/model/random.ts";
import { bytesOf } from "./bytes.ts";
import { Grammar } from "./grammar.ts";
import { monster } from "./monsters.ts";
import { joined, mutate, noise, pieces } from "./mutate.ts";
import { Peer } from "./peer.ts";

export const STATES = [
  "notAuthenticated",
  "authenticate",
  "authenticated",
  "selected",
  "examined",
  "idle",
  "literal",
  "utf8",
  "condstore",
  "qresync",
  "rev2",
  "compress",
  "notify",
  "uidonly",
  "metadata",
] as const;
export type State = typeof STATES[number];

/** Each is answered once, whatever came before it. */
const PIPELINED = [
  ...["NOOP", "FETCH", "SEARCH", "STORE", "STATUS", "LIST", "APPEND", "COPY", "SORT", "THREAD", "ESEARCH", "NOTIFY"],
  ...["SETACL", "MYRIGHTS", "SETMETADATA", "GETMETADATA", "MOVE", "EXPUNGE", "CANCELUPDATE", "SELECT"],
];

/** A literal that the server waits for takes at most this many bytes; see the limits in run.ts. */
const LARGEST_LITERAL = 300_000;

export interface Tally {
  inputs: number;
  answers: number;
  slowest: Peer["slowest"];
}

/** Counts in what a peer has done. */
export function count(tally: Tally, { answers, slowest }: Peer): void {
  tally.answers += answers;
  if (slowest.ms > tally.slowest.ms) tally.slowest = slowest;
}

export class FuzzSession {
  readonly peer: Peer;
  readonly #grammar: Grammar;
  #count = 0;
  /** The server certainly waits for a new command. */
  #between = false;
  /** How many times the login that was lost was thought of. */
  #forgotten = 0;

  /** @param others addresses of accounts that may share mailboxes */
  constructor(
    server: ServerContext,
    readonly random: Random,
    readonly address: string,
    readonly state: State,
    others: readonly string[],
  ) {
    this.#grammar = new Grammar(random, address, others);
    const secure = random.chance(0.7);
    this.peer = new Peer(server, {
      remote: anyAddress(random),
      secure,
      cleartextLogin: state !== "notAuthenticated" || random.chance(0.5),
      pieces: (bytes) => pieces(random, bytes),
    });
  }

  async run(tally: Tally): Promise<void> {
    const { peer, random } = this;
    await peer.settle(); // the greeting
    if (await this.#prepare()) {
      for (let inputs = 1 + random.below(40); inputs > 0 && !peer.over; inputs--) {
        tally.inputs++;
        await this.#input();
        // What a bad input does to those after it is part of the game, but not all the time.
        if (!peer.over && random.chance(0.9)) await this.#regain();
      }
    }
    await this.#leave();
    count(tally, peer);
  }

  /** Never the beginning of another, nor what a spoilt one becomes. @param command it is for */
  #tag(command = ""): string {
    const tag = `${(++this.#count).toString(36)}${this.random.below(36 ** 6).toString(36).padStart(6, "0")}`;
    if (command.includes("UPDATE")) this.#grammar.tags = [...this.#grammar.tags.slice(-4), tag];
    return tag;
  }

  async #must(text: string): Promise<boolean> {
    const tagged = await this.peer.command(this.#tag(), text);
    if (tagged && !/^\S+ OK/.test(tagged)) this.peer.fail(`${text.slice(0, 30)} was refused`);
    return tagged !== undefined;
  }

  /** @returns false when the connection is over */
  async #prepare(): Promise<boolean> {
    const { peer, random, state } = this;
    if (state === "notAuthenticated") return !peer.over;
    if (state === "authenticate") {
      const mechanism = random.pick(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]);
      await peer.exchange(bytesOf(`${this.#tag()} AUTHENTICATE ${mechanism}\r\n`));
      return !peer.over;
    }
    if (!await this.#must(`LOGIN ${this.address} secret`)) return false;
    const words: Partial<Record<State, string>> = {
      uidonly: "UIDONLY",
      metadata: "METADATA METADATA-SERVER",
      utf8: "UTF8=ACCEPT",
      condstore: "CONDSTORE",
      qresync: "QRESYNC",
      rev2: "IMAP4rev2",
    };
    const word = words[state];
    if (word && !await this.#must(`ENABLE ${word}`)) return false;
    if (state === "compress") {
      if (!await this.#must("COMPRESS DEFLATE")) return false;
      peer.compress();
    }
    if (state !== "authenticated" && random.chance(0.9)) {
      await peer.command(this.#tag(), `${state === "examined" ? "EXAMINE" : "SELECT"} ${this.#mailbox()}`);
    }
    if (state === "notify") await peer.command(this.#tag(), this.#grammar.command("NOTIFY"));
    if (state === "idle") await peer.exchange(bytesOf(`${this.#tag()} IDLE\r\n`));
    if (state === "literal") {
      const start = random.pick([
        "APPEND INBOX {200}",
        "LOGIN {20}",
        "APPEND {5+}\r\nINBOX {3000+}",
        "SEARCH SUBJECT {7}",
      ]);
      await peer.exchange(bytesOf(`${this.#tag()} ${start}\r\n`));
    }
    return !peer.over;
  }

  /** What is selected: mostly where the other sessions of the account are. */
  #mailbox(): string {
    return this.random.chance(0.8) ? "fuzz" : `Shared/${this.#grammar.other()}/fuzz`;
  }

  async #input(): Promise<void> {
    const { peer, random } = this;
    const grammar = this.#grammar;
    grammar.utf8 = peer.mode.utf8;
    if (peer.unauthenticated > this.#forgotten && random.chance(0.4)) return await this.#return();
    const dice = random.next();
    if (dice < 0.3) {
      // Only where the stream is known to be between commands is one answer certain.
      const command = grammar.command();
      if (!await this.#regain()) return;
      // Its answer waits for another line.
      const asks = command.startsWith("AUTHENTICATE");
      if (asks) await peer.exchange(bytesOf(`${this.#tag()} ${command}\r\n`));
      else await peer.command(this.#tag(command), command);
      this.#between = !asks;
      return;
    }
    if (dice < 0.35) {
      if (await this.#regain()) await this.#pipeline();
      return;
    }
    if (dice < 0.4) return await this.#oneLine();
    this.#between = false;
    if (dice < 0.85) {
      const command = bytesOf(`${this.#tag()} ${grammar.command()}\r\n`);
      const spoilt = mutate(random, command, bytesOf(`x ${grammar.command()}\r\n`));
      await peer.exchange(random.chance(0.9) ? spoilt : joined(spoilt, bytesOf("\r\n")));
    } else if (dice < 0.9) {
      await peer.exchange(noise(random, 1 + random.below(random.pick([10, 200, 5000]))));
    } else if (dice < 0.97) {
      await peer.exchange(bytesOf(monster(random, this.#tag())));
    } else if (peer.compressed) {
      await peer.raw(noise(random, 1 + random.below(100)));
      await peer.vanish(); // what is deflated after that means nothing
    } else await peer.exchange(bytesOf("\r\n".repeat(random.below(30))));
  }

  /** After UNAUTHENTICATE: as the same account, once more. */
  async #return(): Promise<void> {
    const { peer, random } = this;
    this.#forgotten = peer.unauthenticated;
    if (!await this.#regain()) return;
    const login = await peer.command(this.#tag(), `LOGIN ${this.address} secret`);
    if (!login || !/^\S+ OK/.test(login)) return; // some input has logged in already, or it is forbidden
    if (this.state === "compress" && !peer.compressed && random.chance(0.5) && await this.#must("COMPRESS DEFLATE")) {
      peer.compress();
    }
    if (!peer.over) await peer.command(this.#tag(), `${random.pick(["EXAMINE", "SELECT"])} ${this.#mailbox()}`);
  }

  /** A spoilt command that is certainly one line: one answer. */
  async #oneLine(): Promise<void> {
    if (!await this.#regain()) return;
    const command = bytesOf(this.#grammar.command());
    const spoilt = mutate(this.random, command, noise(this.random, 50)).filter((byte) => byte !== 10 && byte !== 0x7d);
    if (/^(?:IDLE|AUTHENTICATE)/i.test(new TextDecoder().decode(spoilt))) return;
    await this.peer.command(this.#tag(), spoilt);
  }

  /** Commands in one packet are answered one by one, in order. */
  async #pipeline(): Promise<void> {
    const { peer, random } = this;
    const commands = Array.from({ length: 2 + random.below(8) }, () => ({
      tag: this.#tag(),
      text: this.#grammar.command(
        random.pick(PIPELINED),
      ),
    }));
    peer.responses = [];
    await peer.exchange(bytesOf(commands.map(({ tag, text }) => `${tag} ${text}\r\n`).join("")));
    for (const { tag } of commands) peer.tagged(tag);
    const order = peer.responses.map(({ text }) => text.split(" ")[0]).filter((tag) => !/^[*+]$/.test(tag));
    const asked = commands.map(({ tag }) => tag).slice(0, order.length);
    if (order.join() !== asked.join()) peer.fail(`answers out of order: ${order}`);
  }

  /** Brings the stream back between two commands. @returns false when the connection is over */
  async #regain(): Promise<boolean> {
    const { peer } = this;
    if (this.#between && !peer.over) return true;
    let padding = 0;
    for (let attempts = 0; !peer.over; attempts++) {
      const tag = this.#tag();
      await peer.exchange(joined(bytesOf(`${" ".repeat(padding)}\r\n${tag} NOOP\r\n`)));
      if (peer.answersTo(tag) === 1) return this.#between = true;
      if (peer.answersTo(tag) > 1) peer.fail(`${tag} was answered twice`);
      // A literal is being read, of nobody knows what size: it gets the bytes that it waits for.
      padding = Math.min(60_000, padding * 4 + 1000);
      if (attempts * 60_000 > LARGEST_LITERAL * 4) peer.fail("no way back to where commands are read");
    }
    return false;
  }

  async #leave(): Promise<void> {
    const { peer, random } = this;
    if (peer.over) return await peer.end();
    const dice = random.next();
    if (dice < 0.3) return await peer.vanish();
    if (dice < 0.5) {
      // In the middle of a command, a literal, or an answer that is not read.
      peer.deaf = random.chance(0.5);
      const rest = random.pick([
        "x",
        "x APPEND INBOX {90}\r\nabc",
        "x APPEND INBOX {9000+}\r\nabc",
        "x IDLE\r\n",
        "x FETCH 1:* BODY[]\r\n",
      ]);
      await peer.exchange(bytesOf(rest));
      return random.chance(0.5) || peer.deaf ? await peer.vanish() : await peer.end();
    }
    await peer.end();
  }
}

/** Far from any other, so that no limit by address is met. */
function anyAddress(random: Random): string {
  const group = () => (0x1000 + random.below(0xe000)).toString(16);
  return `${group()}:${group()}:${group()}:${group()}::1`;
}
