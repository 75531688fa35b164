/** A client that behaves, beside those that do not: its mail must stay exactly as it made it. */
import type { Random } from "../../tests/model/random.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { fetchItems } from "./fetchcheck.ts";
import { Reader } from "./reader.ts";
import { joined } from "./mutate.ts";
import type { Peer } from "./peer.ts";

interface Kept {
  readonly text: string;
  flags: string;
}

export class Canary {
  readonly #kept = new Map<number, Kept>();
  #count = 0;
  rounds = 0;

  constructor(readonly peer: Peer, readonly random: Random) {}

  async start(address: string): Promise<void> {
    await this.peer.settle();
    await this.#ok(`LOGIN ${address} secret`);
    await this.#ok("CREATE canary");
    await this.#ok("SELECT canary");
  }

  /** One piece of normal work, then a look at everything. */
  async round(): Promise<void> {
    const { random } = this;
    this.rounds++;
    const uids = [...this.#kept.keys()];
    if (uids.length < 8 && random.chance(0.6) || uids.length === 0) await this.#append();
    else if (random.chance(0.5)) await this.#flag(random.pick(uids));
    else await this.#remove(random.pick(uids));
    await this.#look();
  }

  async #append(): Promise<void> {
    const text = `From: canary@example.org\r\nSubject: ${this.#count}\r\n\r\n${
      "cheep ".repeat(this.random.below(300))
    }\r\n`;
    const tagged = await this.#ok(joined(bytesOf(`APPEND canary {${text.length}+}\r\n${text}`)));
    this.#kept.set(Number(/APPENDUID \d+ (\d+)/.exec(tagged)?.[1]), { text, flags: "" });
  }

  async #flag(uid: number): Promise<void> {
    const flags = this.random.some(["$Forwarded", "\\Answered", "\\Flagged", "\\Seen", "tweet"]).sort().join(" ");
    await this.#ok(`UID STORE ${uid} FLAGS (${flags})`);
    const kept = this.#kept.get(uid);
    if (kept) kept.flags = flags;
  }

  async #remove(uid: number): Promise<void> {
    await this.#ok(`UID STORE ${uid} +FLAGS (\\Deleted)`);
    await this.#ok(`UID EXPUNGE ${uid}`);
    this.#kept.delete(uid);
  }

  async #look(): Promise<void> {
    await this.#ok("UID FETCH 1:* (FLAGS BODY.PEEK[])");
    const found: string[] = [];
    for (const response of this.peer.responses.filter(({ text }) => /^\* \d+ FETCH /.test(text))) {
      const reader = new Reader(response, false);
      reader.match(/\* \d+ FETCH /y, "FETCH");
      const items = fetchItems(reader);
      const [uid, flags, body] = [items.get("UID"), items.get("FLAGS"), items.get("BODY[]")];
      if (body?.is !== "string") continue;
      const names = flags?.is === "list" ? flags.items.map((item) => item.is === "atom" ? item.text : "") : [];
      found.push(shownAs(uid?.is === "atom" ? Number(uid.text) : 0, {
        text: body.bytes,
        flags: names.filter((name) => name !== "\\Recent").sort().join(" "),
      }));
    }
    const expected = [...this.#kept].map(([uid, kept]) => shownAs(uid, kept));
    if (found.join() !== expected.join()) {
      this.peer.fail(`the canary has lost something:\n${found}\ninstead of\n${expected}`);
    }
    await this.#ok("NOOP");
  }

  async #ok(command: string | Uint8Array): Promise<string> {
    const tagged = await this.peer.command(`y${++this.#count}`, command);
    if (!tagged || !/^\S+ OK/.test(tagged)) this.peer.fail("the canary was refused");
    return tagged ?? "";
  }
}

function shownAs(uid: number, { text, flags }: Kept): string {
  return `${uid} (${flags}) ${textOf(bytesOf(text))}`;
}
