/**
 * A process to be killed: works on a store by itself, several lanes at once. It says each operation on standard output before it
 * begins and after it was done, a JSON line each.
 *
 * Arguments: the data folder, and a Job as JSON.
 */
import { openStore } from "../../store/sqlite/open.ts";
import type { AccountId } from "../../store/types.ts";
import { Random } from "../model/random.ts";
import { Lane } from "./lane.ts";
import { perform } from "./storelane.ts";
import type { Operation, World } from "./world.ts";

export interface Job {
  readonly seed: number;
  readonly lanes: readonly {
    readonly account: number;
    readonly name: string;
    readonly mailboxes: readonly string[];
    readonly own: string;
    readonly state: { readonly world: World; readonly count: number };
  }[];
}

/** `lane` is its place in the job's list. */
export type Said =
  | { readonly lane: number; readonly begun: Operation }
  | { readonly lane: number; readonly made: readonly number[] };

function say(said: Said): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(said)}\n`));
}

async function work(dataDir: string, { seed, lanes }: Job): Promise<void> {
  const store = await openStore({ dataDir, quotaBytes: 0, quotaMessages: 0 });
  await Promise.all(lanes.map(async ({ account, name, mailboxes, own, state }, number) => {
    const lane = new Lane(name, mailboxes, own);
    lane.load(state);
    const random = new Random(seed + number);
    const mail = store.mail(account as AccountId);
    for (;;) {
      const operation = lane.next(random, random.pick(mailboxes));
      lane.inFlight.push(operation);
      say({ lane: number, begun: operation });
      const made = await perform(mail, operation);
      say({ lane: number, made });
      lane.done(made);
    }
  }));
}

if (import.meta.main) await work(Deno.args[0], JSON.parse(Deno.args[1]));
