/** Many connections at once that do what clients do; at the end all of an account must see the same. */
import { check, equal } from "../check.ts";
import { fetchResponses, textOf } from "../answers.ts";
import { ANY, message, messages } from "../corpus.ts";
import { Random } from "../corpus/random.ts";
import type { Answer, ImapClient } from "../imapclient.ts";
import { quantile, times } from "../measure.ts";
import { appendAhead, appendMany, messagesIn, newMailbox } from "../mailboxes.ts";
import type { Run, Scenario } from "../run.ts";

const ACCOUNTS = 20;
/** The first of them. */
const FIRST = 10;
const CONNECTIONS = 100;
const MESSAGES = 100;

/** How often a client does what. */
const WEIGHTS = {
  flags: 16,
  envelope: 20,
  body: 16,
  store: 18,
  search: 6,
  noop: 8,
  status: 3,
  list: 2,
  append: 5,
  copy: 3,
  expunge: 2,
  select: 1,
};
type Kind = keyof typeof WEIGHTS;
const KINDS = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array<Kind>(weight).fill(kind as Kind));

interface Place {
  readonly mailbox: string;
  readonly copies: string;
  /** Messages that COPYUID told of. */
  copied: number;
}

export const mixed: Scenario = {
  name: "mixed",
  title: `${CONNECTIONS} connections over ${ACCOUNTS} accounts, each doing one command after another`,
  rounds: [2, 3],
  async measure(run) {
    const places: Place[] = [];
    await times(ACCOUNTS, 4, async (account) => {
      const client = await run.login(FIRST + account);
      places[account] = { mailbox: await newMailbox(client), copies: await newMailbox(client), copied: 0 };
      await appendMany(client, places[account].mailbox, messages(ANY, 0, MESSAGES));
      await run.logout(client);
    });
    const clients: ImapClient[] = [];
    await times(CONNECTIONS, 8, async (number) => {
      clients[number] = await run.login(FIRST + number % ACCOUNTS);
      await clients[number].ok(`SELECT "${places[number % ACCOUNTS].mailbox}"`);
    });
    await run.rest();
    const took = new Map<Kind, number[]>();
    const end = performance.now() + run.scale.mixedSeconds * 1000;
    const measured = await run.measure(() =>
      Promise.all(clients.map(async (client, number) => {
        const actor = new Actor(client, places[number % ACCOUNTS], new Random(5000 + run.round, number));
        while (performance.now() < end) {
          const start = performance.now();
          const kind = await actor.next();
          const all = took.get(kind) ?? [];
          took.set(kind, all);
          all.push(performance.now() - start);
        }
      }))
    );
    for (const [account, place] of places.entries()) {
      await agree(clients.filter((_, number) => number % ACCOUNTS === account), place);
    }
    await run.logout(...clients);
    figures(run, took);
    const count = took.values().reduce((sum, { length }) => sum + length, 0);
    run.rate("all commands", count / measured.ms * 1000, "commands/s", measured);
    await run.rest();
  },
};

function figures(run: Run, took: ReadonlyMap<Kind, readonly number[]>): void {
  const all = [...took.values()].flat();
  run.cost("all, p50", quantile(all, 0.5), "ms");
  run.cost("all, p99", quantile(all, 0.99), "ms");
  for (const kind of Object.keys(WEIGHTS) as Kind[]) {
    run.cost(`${kind}, p99`, quantile(took.get(kind) ?? [NaN], 0.99), "ms");
  }
}

class Actor {
  constructor(readonly client: ImapClient, readonly place: Place, readonly random: Random) {
    client.onFetch = (number) => check(number >= 1 && number <= client.exists, `FETCH ${number} of ${client.exists}`);
    client.onExpunge = (number) =>
      check(number >= 1 && number <= client.exists + 1, `EXPUNGE ${number} of ${client.exists + 1}`);
  }

  /** Does something. @returns what @throws {WrongAnswer} */
  async next(): Promise<Kind> {
    const { client, random } = this;
    const before = client.exists;
    const kind = before === 0 ? "append" : random.pick(KINDS);
    const answer = await this.#do(kind);
    if (answer === undefined) return kind;
    check(answer.status !== "BAD", `${kind}: BAD ${answer.text}`);
    // NO is right for messages that another client has expunged.
    if (answer.status === "NO") {
      check(/flags|envelope|body|store|copy|expunge/.test(kind), `${kind}: NO ${answer.text}`);
    } else if (kind === "flags") check(answer.fetches >= before / 2, `${answer.fetches} FETCH responses of ${before}`);
    return kind;
  }

  async #do(kind: Kind): Promise<Answer | undefined> {
    const { client, random, place: { mailbox, copies } } = this;
    const first = 1 + random.below(client.exists);
    const last = Math.min(client.exists, first + 19);
    switch (kind) {
      case "flags":
        return await client.command("FETCH 1:* (UID FLAGS)");
      case "envelope":
        return await client.command(
          `FETCH ${first}:${last} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)`,
        );
      case "body":
        return await client.command(`FETCH ${first} (UID BODY.PEEK[])`);
      case "store": {
        const set = random.chance(0.2) ? `${first}:${last}` : first;
        const flag = random.pick(["\\Seen", "\\Flagged", "\\Answered", "$Label1"]);
        return await client.command(`STORE ${set} ${random.pick(["+", "-"])}FLAGS (${flag})`);
      }
      case "search":
        return await client.command(
          random.pick(["SEARCH UNSEEN", "SEARCH FROM corp.example", "SEARCH SUBJECT quarterly SINCE 1-Jan-2021"]),
        );
      case "noop":
        return await client.command("NOOP");
      case "status":
        return await client.command(`STATUS "${copies}" (MESSAGES UNSEEN UIDNEXT)`);
      case "list":
        return await client.command('LIST "" "*"');
      case "append":
        await appendAhead(client, mailbox, [message(ANY, random.below(500))]);
        return undefined;
      case "copy": {
        const answer = await client.command(`COPY ${first}:${Math.min(client.exists, first + 2)} "${copies}"`);
        this.place.copied += copiedBy(answer);
        return answer;
      }
      case "expunge": {
        const answer = await client.command(`STORE ${first} +FLAGS.SILENT (\\Deleted)`);
        return answer.status === "OK" ? await client.command("EXPUNGE") : answer;
      }
      case "select":
        return await client.command(`SELECT "${mailbox}"`);
    }
  }
}

/** How many messages COPYUID (RFC 4315 §3) tells of. */
function copiedBy({ text, untagged }: Answer): number {
  const set = /\[COPYUID \d+ \S+ (\S+)\]/.exec([text, ...untagged].join("\n"))?.[1];
  const sizes = set?.split(",").map((range) => {
    const [from, to = from] = range.split(":").map(Number);
    return to - from + 1;
  });
  return sizes?.reduce((sum, size) => sum + size, 0) ?? 0;
}

/** @throws {WrongAnswer} when two see something else, or a copy is missing */
async function agree(clients: readonly ImapClient[], { mailbox, copies, copied }: Place): Promise<void> {
  let first: string | undefined;
  for (const client of clients) {
    client.onFetch = client.onExpunge = undefined;
    await client.ok("NOOP");
    const { kept, fetches } = await client.ok("UID FETCH 1:* (FLAGS)", true);
    equal(fetches, client.exists, `FETCH responses of ${mailbox}`);
    check(kept, "nothing was kept");
    const seen = [...fetchResponses(kept)].map(({ number, items }) => {
      const flags = items.get("FLAGS");
      check(Array.isArray(flags), `message ${number} has no FLAGS`);
      const names = flags.map((flag) => textOf(flag).toLowerCase()).filter((flag) => flag !== "\\recent").sort();
      return `${number} ${textOf(items.get("UID"))} ${names.join(" ")}`;
    }).join("\n");
    check(seen === (first ??= seen), `connections disagree about ${mailbox} at the end`);
  }
  equal(await messagesIn(clients[0], copies), copied, `messages in ${copies}`);
}
