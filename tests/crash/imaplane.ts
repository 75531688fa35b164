/** Drives a lane over an IMAP connection of its own, with several commands under way, until the server is gone. */
import type { Random } from "../model/random.ts";
import type { History } from "./history.ts";
import { numbers } from "./history.ts";
import { type Answer, Gone, Imap } from "./imap.ts";
import type { Lane } from "./lane.ts";
import { bytesOf, type Operation } from "./world.ts";

/** @returns the number of commands answered @throws {Error} an answer was wrong */
export async function drive(port: number, history: History, lane: Lane, random: Random): Promise<number> {
  const client = new LaneClient(history, lane);
  try {
    await client.run(await Imap.connect(port), random);
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  }
  return client.answered;
}

class LaneClient {
  answered = 0;

  constructor(readonly history: History, readonly lane: Lane) {}

  async run(imap: Imap, random: Random): Promise<void> {
    const { lane } = this;
    const pending: Promise<void>[] = [];
    const settled = (work: Promise<void>) => {
      work.catch(() => {}); // told where it is awaited
      pending.push(work);
    };
    try {
      await imap.ok(`LOGIN ${this.history.address} secret`);
      await imap.ok(random.chance(0.5) ? "ENABLE QRESYNC" : "ENABLE CONDSTORE");
      let selected = "";
      for (;;) {
        if (selected === "" || random.chance(0.2)) {
          const mailbox = selected = random.pick(lane.mailboxes);
          settled(imap.ok(`SELECT ${mailbox}`).then((answer) => this.history.hear(mailbox, answer)));
        }
        const operation = lane.next(random, selected);
        lane.inFlight.push(operation);
        const mailbox = selected;
        settled(imap.ok(...command(operation)).then((answer) => this.#done(mailbox, operation, answer)));
        const depth = random.below(4);
        while (pending.length > depth) await pending.shift();
      }
    } finally {
      await imap.close();
    }
  }

  #done(selected: string, operation: Operation, answer: Answer): void {
    const made = madeBy(operation, answer);
    this.lane.done(made);
    this.answered++;
    if ("to" in operation) {
      // `after` puts new places at the end.
      for (const { uid, token } of this.lane.world.slice(this.lane.world.length - made.length)) {
        this.history.given(operation.to, uid ?? 0, token);
      }
    }
    this.history.hear(selected, answer);
  }
}

function command(operation: Operation): (string | Uint8Array)[] {
  switch (operation.kind) {
    case "append":
      return [
        `APPEND ${operation.to} `,
        ...operation.messages.flatMap(({ token, flags }, at) => [
          `${at === 0 ? "" : " "}${flags.length > 0 ? `(${flags.join(" ")}) ` : ""}`,
          bytesOf(token),
        ]),
      ];
    case "copy":
    case "move":
      return [`UID ${operation.kind.toUpperCase()} ${operation.uids.join(",")} ${operation.to}`];
    case "flags": {
      const sign = { add: "+", remove: "-", set: "" }[operation.mode];
      return [`UID STORE ${operation.uids.join(",")} ${sign}FLAGS (${operation.flags.join(" ")})`];
    }
    case "expunge":
      return [operation.uids ? `UID EXPUNGE ${operation.uids.join(",")}` : "EXPUNGE"];
  }
}

/** The UIDs of the new messages, from APPENDUID or COPYUID (RFC 4315 §3). */
function madeBy(operation: Operation, { text, untagged }: Answer): number[] {
  if (operation.kind === "append") {
    const made = numbers(/^\[APPENDUID \d+ (\S+)\]/.exec(text)?.[1] ?? "");
    if (made.length !== operation.messages.length) throw new Error(`APPEND of ${operation.messages.length}: ${text}`);
    return made;
  }
  if (operation.kind !== "copy" && operation.kind !== "move") return [];
  const told = [text, ...untagged.map((response) => response.text)].join("\n");
  const [, from = "", to = ""] = /\[COPYUID \d+ (\S+) (\S+)\]/.exec(told) ?? [];
  const [sources, made] = [numbers(from), numbers(to)];
  if (sources.join() !== operation.uids.join() || made.length !== sources.length) {
    throw new Error(`${operation.kind} of ${operation.uids.join(",")}: ${told}`);
  }
  return made;
}
