/**
 * One client's part of an account: it shares mailboxes with others, and messages with nobody. So what it must find after a crash
 * follows from its own commands alone: all that were answered, and of the others, which ran in order, the first few or none.
 */
import type { Random } from "../model/random.ts";
import { after, difference, type Operation, type Place, type World } from "./world.ts";

const FLAGS = ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "urgent", "Later"];
/** A lane with more messages than this gets rid of some. */
const MANY = 14;

export class Lane {
  world: World = [];
  /** Sent and not answered, oldest first. */
  inFlight: Operation[] = [];
  #count = 0;

  /** @param name starts the tokens of its messages; ends in no digit @param own a mailbox that no other lane uses */
  constructor(readonly name: string, readonly mailboxes: readonly string[], readonly own: string) {}

  /** The state to go on from, for a lane of the same name in another process. */
  save(): { world: World; count: number } {
    return { world: this.world, count: this.#count };
  }

  load({ world, count }: { world: World; count: number }): void {
    this.world = world;
    this.#count = count;
    this.inFlight = [];
  }

  /** The oldest operation in flight was done. */
  done(made: readonly number[]): void {
    const operation = this.inFlight.shift();
    if (!operation) throw new Error("nothing was in flight");
    this.world = after(this.world, operation, made);
  }

  /** Tokens made elsewhere are not made again. */
  sawToken(token: string): void {
    this.#count = Math.max(this.#count, Number(token.split("-")[1]));
  }

  /**
   * Takes what was found after a crash as what there is.
   * @returns how many of the operations in flight had been done
   * @throws {Error} what was found fits no number of them
   */
  settle(found: World): number {
    const reasons: string[] = [];
    let world: World = this.world;
    for (let done = 0; done <= this.inFlight.length; done++) {
      if (done > 0) world = after(world, this.inFlight[done - 1]);
      const reason = difference(world, found);
      if (reason === undefined) {
        this.world = found;
        this.inFlight = [];
        return done;
      }
      reasons.push(`with ${done} of ${this.inFlight.length} unanswered commands done: ${reason}`);
    }
    const pending = this.inFlight.map((operation) => JSON.stringify(operation)).join("\n  ");
    throw new Error(`${this.name}: ${reasons.join("; ")}\nunanswered:\n  ${pending}`);
  }

  /**
   * The next thing to do.
   * @param mailbox only messages of this one are changed; any may be a destination
   */
  next(random: Random, mailbox: string): Operation {
    let world = this.world;
    for (const operation of this.inFlight) world = after(world, operation);
    const known = world.filter((place) => place.mailbox === mailbox && place.uid !== undefined);
    const uids = (places: readonly Place[]) => places.map(({ uid }) => uid ?? 0).sort((a, b) => a - b);
    const some = () => uids(random.some(known).slice(0, 5));
    const doomed = known.filter(({ flags }) => flags.includes("\\Deleted"));
    const dice = random.next();
    if (known.length === 0 || (dice < 0.3 && world.length < MANY)) return this.#append(random);
    if (doomed.length > 0 && dice < 0.5) {
      if (mailbox === this.own && random.chance(0.5)) return { kind: "expunge", mailbox };
      // Also names messages that are to stay.
      return { kind: "expunge", mailbox, uids: random.chance(0.5) ? uids(doomed) : some() };
    }
    if (world.length >= MANY && dice < 0.7) {
      return { kind: "flags", mailbox, uids: some(), mode: "add", flags: ["\\Deleted"] };
    }
    if (dice < 0.75) {
      const mode = random.pick(["add", "remove", "set"] as const);
      return { kind: "flags", mailbox, uids: some(), mode, flags: random.some(FLAGS).slice(0, 3) };
    }
    const kind = dice < 0.83 && world.length < MANY ? "copy" : "move";
    return { kind, from: mailbox, uids: some(), to: random.pick(this.mailboxes) };
  }

  #append(random: Random): Operation {
    const count = random.chance(0.3) ? 5 : 1;
    const messages = Array.from({ length: count }, () => ({
      token: `${this.name}-${++this.#count}-${size(random)}`,
      flags: random.chance(0.5) ? random.some(FLAGS).slice(0, 2) : [],
    }));
    return { kind: "append", to: random.pick(this.mailboxes), messages };
  }
}

/** Mostly small; some go over several database pages, a few into files. */
function size(random: Random): number {
  const dice = random.next();
  if (dice < 0.85) return 200 + random.below(1500);
  if (dice < 0.96) return 8_000 + random.below(30_000);
  return 131_000 + random.below(20_000);
}
