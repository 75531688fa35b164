/**
 * A client that keeps its view of the selected mailbox from nothing but what the server tells it, and complains about whatever a
 * server must not say: numbers out of range, removals where numbers must hold, a removal twice, a modseq that falls.
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/protocol.ts";
import type { ModelMailbox } from "./mailboxes.ts";

export type Mode = "plain" | "rev2" | "condstore" | "qresync" | "uidonly" | "notify";

/** A message as the client knows it. */
interface Known {
  uid: number | undefined;
  /** Lower case, without \Recent; undefined: never told. */
  flags: string | undefined;
  modseq: number;
}

/** What a QRESYNC client remembers of a mailbox it left. */
interface Remembered {
  readonly validity: number;
  readonly modseq: number;
  readonly view: Known[];
}

export class ModelClient {
  selected: string | undefined;
  readOnly = false;
  view: Known[] = [];
  /** Untagged lines of the last command. */
  lines: string[] = [];
  readonly #remembered = new Map<string, Remembered>();
  readonly #uidNexts = new Map<string, number>();
  #validity = 0;
  #highest = 0;
  #holdsNumbers = false;
  #synced = true;

  constructor(readonly client: TestClient, readonly mode: Mode, readonly name: string) {}

  async start(): Promise<void> {
    if (this.mode === "rev2") await this.client.ok("ENABLE IMAP4rev2");
    if (this.mode === "condstore") await this.client.ok("ENABLE CONDSTORE");
    if (this.mode === "qresync") await this.client.ok("ENABLE QRESYNC IMAP4rev2");
    if (this.mode === "uidonly") await this.client.ok("ENABLE UIDONLY IMAP4rev2");
    if (this.mode === "notify") {
      await this.client.ok("ENABLE IMAP4rev2");
      const events = "MessageExpunge FlagChange";
      await this.client.ok(
        `NOTIFY SET (SELECTED-DELAYED (MessageNew (UID FLAGS) ${events})) (PERSONAL (MessageNew ${events}))`,
      );
    }
  }

  /** Runs a command, takes in what was told. The tagged line. `numbersHold`: no removal may be told. */
  async run(command: string, numbersHold = false): Promise<string> {
    this.#holdsNumbers = numbersHold;
    const lines = await this.client.command(command);
    const tagged = lines.pop() ?? "";
    this.lines = lines;
    for (const line of lines) this.#take(line);
    const highest = /\[HIGHESTMODSEQ (\d+)\]/.exec(tagged)?.[1];
    if (highest) this.#highest = Math.max(this.#highest, Number(highest));
    return tagged;
  }

  async select(name: string, readOnly: boolean): Promise<void> {
    this.#leave();
    const old = this.mode === "qresync" ? this.#remembered.get(name) : undefined;
    this.view = old ? old.view.map((known) => ({ ...known })) : [];
    this.#synced = !old; // until the resync is through, EXISTS and what is known need not agree
    const resync = old ? ` (QRESYNC (${old.validity} ${old.modseq}))` : "";
    this.#highest = 0;
    const tagged = await this.run(`${readOnly ? "EXAMINE" : "SELECT"} ${name}${resync}`);
    assert.match(tagged, /OK/);
    this.#synced = true;
    this.selected = name;
    this.readOnly = readOnly;
    const exists = Number(/^\* (\d+) EXISTS/m.exec(this.lines.join("\n"))?.[1]);
    if (old) {
      this.view.sort((a, b) => (a.uid ?? Infinity) - (b.uid ?? Infinity));
      assert.equal(this.view.length, exists, `${this.name}: after resync`);
    }
  }

  /** UNSELECT or CLOSE was done, or another mailbox is about to be selected. */
  left(): void {
    this.#leave();
  }

  #leave(): void {
    if (this.selected && this.mode === "qresync" && this.view.every(({ uid, flags }) => uid && flags !== undefined)) {
      this.#remembered.set(this.selected, { validity: this.#validity, modseq: this.#highest, view: this.view });
    } else if (this.selected) this.#remembered.delete(this.selected);
    this.selected = undefined;
    this.view = [];
  }

  #take(line: string): void {
    const validity = /UIDVALIDITY (\d+)/.exec(line)?.[1];
    if (validity) this.#validity = Number(validity);
    const highest = /HIGHESTMODSEQ (\d+)/.exec(line)?.[1];
    if (highest) this.#highest = Math.max(this.#highest, Number(highest));
    let match = /^\* (\d+) (EXISTS|EXPUNGE|FETCH)(.*)$/.exec(line);
    if (match) {
      const number = Number(match[1]);
      if (match[2] === "EXISTS") this.#exists(number);
      else if (match[2] === "EXPUNGE") this.#expunge(number);
      else this.#fetch(number, match[3]);
    }
    match = /^\* (\d+) UIDFETCH (.*)$/.exec(line);
    if (match) this.#uidFetch(Number(match[1]), match[2]);
    match = /^\* STATUS (\S+) \(.*UIDNEXT (\d+)/.exec(line);
    if (match) this.#status(match[1], Number(match[2]));
    match = /^\* VANISHED (\(EARLIER\) )?(\S+)$/.exec(line);
    if (match) this.#vanished(match[2], match[1] !== undefined);
  }

  #exists(count: number): void {
    if (!this.#synced) return;
    assert(count >= this.view.length, `${this.name}: EXISTS ${count} below ${this.view.length}`);
    while (this.view.length < count) this.view.push({ uid: undefined, flags: undefined, modseq: 0 });
  }

  #expunge(number: number): void {
    assert(!this.#holdsNumbers, `${this.name}: EXPUNGE where numbers must hold`);
    assert(this.mode !== "qresync" && this.mode !== "uidonly", `EXPUNGE with ${this.mode}`);
    assert(number >= 1 && number <= this.view.length, `${this.name}: EXPUNGE ${number} of ${this.view.length}`);
    this.view.splice(number - 1, 1);
  }

  #vanished(set: string, earlier: boolean): void {
    assert(this.mode === "qresync" || this.mode === "uidonly", `VANISHED with ${this.mode}`);
    assert(earlier || !this.#holdsNumbers, `${this.name}: VANISHED where numbers must hold`);
    for (const uid of numbers(set)) {
      const at = this.view.findIndex((known) => known.uid === uid);
      if (!earlier && this.view.every((known) => known.uid)) assert(at >= 0, `${this.name}: ${uid} vanished twice`);
      if (at >= 0) this.view.splice(at, 1);
      else if (!earlier) {
        // A message whose UID was never told: it is one of the unknown ones behind the last known lower UID.
        const behind = this.view.findLastIndex((known) => known.uid !== undefined && known.uid < uid);
        const unknown = this.mode === "uidonly"
          ? this.view.findIndex((known) => known.uid === undefined)
          : this.view[behind + 1]?.uid === undefined && behind + 1 < this.view.length
          ? behind + 1
          : -1;
        assert(unknown >= 0, `${this.name}: unknown ${uid} vanished`);
        this.view.splice(unknown, 1);
      }
    }
  }

  /** Without message numbers the client cannot tell which of the messages that it knows nothing of this one is. */
  #uidFetch(uid: number, text: string): void {
    assert.equal(this.mode, "uidonly", "UIDFETCH without UIDONLY");
    let known = this.view.find((old) => old.uid === uid);
    if (!known) {
      const unknown = this.view.findIndex((old) => old.uid === undefined);
      assert(unknown >= 0, `${this.name}: UIDFETCH of ${uid}, which is not there`);
      this.view.splice(unknown, 1);
      this.view.push(known = { uid, flags: undefined, modseq: 0 });
      this.view.sort((a, b) => (a.uid ?? Infinity) - (b.uid ?? Infinity));
    }
    const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1];
    if (flags !== undefined) known.flags = canonical(flags);
  }

  #status(name: string, uidNext: number): void {
    assert(uidNext >= (this.#uidNexts.get(name) ?? 0), `${this.name}: UIDNEXT of ${name} fell`);
    this.#uidNexts.set(name, uidNext);
  }

  #fetch(number: number, text: string): void {
    assert.notEqual(this.mode, "uidonly", "FETCH with UIDONLY");
    const uid = Number(/UID (\d+)/.exec(text)?.[1] ?? 0) || undefined;
    const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1];
    const modseq = Number(/MODSEQ \((\d+)\)/.exec(text)?.[1] ?? 0);
    let known: Known | undefined;
    if (this.#synced) {
      assert(number >= 1 && number <= this.view.length, `${this.name}: FETCH ${number} of ${this.view.length}`);
      known = this.view[number - 1];
    } else {
      known = this.view.find((old) => old.uid === uid);
      if (!known) this.view.push(known = { uid, flags: undefined, modseq: 0 });
    }
    if (known.uid && uid) assert.equal(uid, known.uid, `${this.name}: message ${number} has another UID`);
    known.uid ??= uid;
    if (flags !== undefined) known.flags = canonical(flags);
    if (modseq) {
      assert(modseq >= known.modseq, `${this.name}: modseq of ${known.uid} fell`);
      known.modseq = modseq;
    }
  }

  /** After a command that may tell everything: what the client knows is what there is. */
  check(mailbox: ModelMailbox): void {
    const where = `${this.name} (${this.mode}) in ${this.selected}`;
    assert.equal(this.view.length, mailbox.messages.length, `${where}: number of messages`);
    this.view.forEach((known, at) => {
      // Messages that a UIDONLY client knows nothing of may be anywhere.
      const found = this.mode === "uidonly" && known.uid ? mailbox.find(known.uid) : mailbox.messages[at];
      assert(found, `${where}: ${known.uid} is not there`);
      const { uid, flags } = found;
      if (known.uid) assert.equal(known.uid, uid, `${where}: UID of message ${at + 1}`);
      if (known.flags !== undefined) {
        assert.equal(known.flags, canonical([...flags].join(" ")), `${where}: flags of ${uid}`);
      }
    });
  }
}

/** Flags as one text that compares: lower case, sorted, without \Recent. */
export function canonical(flags: string): string {
  return flags.toLowerCase().split(" ").filter((flag) => flag !== "" && flag !== "\\recent").sort().join(" ");
}

function* numbers(set: string): Generator<number> {
  for (const range of set.split(",")) {
    const [first, last = first] = range.split(":").map(Number);
    for (let n = first; n <= last; n++) yield n;
  }
}
