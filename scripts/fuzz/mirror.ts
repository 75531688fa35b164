/**
 * The messages of the selected mailbox as a client has to imagine them by what it is told: how many there are, and which UID each
 * number has (RFC 9051 §7.5.1, RFC 7162 §3.2.10).
 */
import type { Response } from "../../tests/support/responses.ts";
import { fetchItems } from "./fetchcheck.ts";
import { Reader } from "./reader.ts";

const NUMBERED = /^\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)/;

export class Mirror {
  /** By position; undefined: not told yet. Without a list nothing was selected yet. */
  #uids: (number | undefined)[] | undefined;
  /** There are fewer messages than before: only another mailbox can have fewer. */
  #shrunk = false;
  #selecting = false;

  /** @throws {Error} the response does not fit to those before it */
  see(response: Response, utf8: boolean): void {
    const { text } = response;
    const numbered = NUMBERED.exec(text);
    if (numbered) this.#numbered(Number(numbered[1]), numbered[2], response, utf8);
    else if (text.startsWith("* VANISHED ") && !text.startsWith("* VANISHED (")) this.#vanished(text.slice(11));
    else if (text.startsWith("* OK [UIDVALIDITY ")) {
      this.#selecting = true;
      this.#uids?.fill(undefined);
    } else if (!/^[*+]/.test(text)) {
      if (this.#shrunk && !this.#selecting) throw new Error("EXISTS took messages away");
      this.#shrunk = this.#selecting = false;
    }
  }

  /** Nothing is selected any more. */
  forget(): void {
    this.#uids = undefined;
    this.#shrunk = this.#selecting = false;
  }

  #numbered(number: number, word: string, response: Response, utf8: boolean): void {
    if (word === "EXISTS") {
      const before = this.#uids ?? [];
      this.#shrunk ||= number < before.length;
      this.#uids = Array.from({ length: number }, (_, at) => before[at]);
      return;
    }
    const uids = this.#uids;
    if (!uids) throw new Error(`${word} without a selected mailbox`);
    if (number > uids.length) throw new Error(`${word} ${number} of ${uids.length} messages`);
    if (word === "EXPUNGE") uids.splice(number - 1, 1);
    if (word !== "FETCH" || !response.text.includes("UID ")) return;
    const reader = new Reader(response, utf8);
    reader.match(/\* \d+ FETCH /y, "FETCH");
    const item = fetchItems(reader).get("UID");
    if (item?.is !== "atom") return;
    const uid = Number(item.text);
    const known = uids[number - 1];
    if (known !== undefined && known !== uid) throw new Error(`message ${number} has UID ${uid} instead of ${known}`);
    uids[number - 1] = uid;
  }

  #vanished(set: string): void {
    const uids = this.#uids;
    if (!uids) throw new Error("VANISHED without a selected mailbox");
    const gone = new Set<number>();
    for (const range of set.split(",")) {
      const [first, last = first] = range.split(":").map(Number);
      if (gone.size + last - first >= uids.length) throw new Error("more messages vanished than there were");
      for (let uid = first; uid <= last; uid++) gone.add(uid);
    }
    const left = uids.filter((uid) => uid === undefined || !gone.has(uid));
    const unknown = gone.size - (uids.length - left.length);
    // Which of the others they were is not told.
    this.#uids = unknown === 0 ? left : new Array<undefined>(left.length - unknown).fill(undefined);
  }
}
