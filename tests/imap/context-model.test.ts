import assert from "node:assert/strict";
import { mail, type TestClient, TestServer } from "../support/protocol.ts";
import { Random } from "../model/random.ts";

/** A result as a client keeps it by what it is told (RFC 5267 §4.3). */
interface Kept {
  readonly tag: string;
  readonly uid: boolean;
  /** What gives the same result now. */
  readonly again: string;
  readonly sorted: boolean;
  list: number[];
}

function expand(set: string | undefined): number[] {
  if (!set) return [];
  return set.split(",").flatMap((range) => {
    const [first, last = first] = range.split(":").map(Number);
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });
}

/** Removals change the numbers of those behind. */
function apply(kept: Kept, line: string): void {
  const expunged = /^\* (\d+) EXPUNGE$/.exec(line)?.[1];
  if (expunged && !kept.uid) {
    assert(!kept.list.includes(Number(expunged)), `${kept.tag} was not told before the EXPUNGE of ${expunged}`);
    kept.list = kept.list.map((number) => number > Number(expunged) ? number - 1 : number);
  }
  if (!line.startsWith(`* ESEARCH (TAG "${kept.tag}")`)) return;
  assert.equal(line.includes(") UID "), kept.uid);
  for (const [, item, pairs] of line.matchAll(/(ADDTO|REMOVEFROM) \(([^)]*)\)/g)) {
    const words = pairs.split(" ");
    for (let i = 0; i < words.length; i += 2) {
      const position = Number(words[i]);
      const numbers = expand(words[i + 1]);
      assert.equal(position === 0, !kept.sorted);
      if (item === "ADDTO") {
        assert(numbers.every((number) => !kept.list.includes(number)), `added again: ${line}`);
        if (kept.sorted) kept.list.splice(position - 1, 0, ...numbers);
        else kept.list = [...kept.list, ...numbers].sort((a, b) => a - b);
      } else if (kept.sorted) {
        assert.deepEqual(kept.list.slice(position - 1, position - 1 + numbers.length), numbers, line);
        kept.list.splice(position - 1, numbers.length);
      } else {
        assert(numbers.every((number) => kept.list.includes(number)), `was not there: ${line}`);
        kept.list = kept.list.filter((number) => !numbers.includes(number));
      }
    }
  }
}

async function now(client: TestClient, kept: Kept): Promise<number[]> {
  const lines = await client.ok(kept.again);
  const answer = lines.find((line) => line.startsWith("* ESEARCH")) ?? "";
  return expand(/ ALL (\S+)/.exec(answer)?.[1]);
}

const SEARCHES = [
  "FLAGGED",
  "OR (SUBJECT alpha) FLAGGED",
  "NOT SEEN SUBJECT beta",
  "ALL",
  "KEYWORD work UNDELETED",
];
const FLAGS = ["\\Flagged", "\\Seen", "\\Deleted", "work"];
const WORDS = ["alpha", "beta", "gamma"];

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`results kept by updates are those of a new search, seed ${seed}`, async () => {
    const server = await TestServer.start();
    try {
      const random = new Random(seed);
      const letters = (count: number) =>
        Array.from({ length: count }, () => ({
          text: mail(`${random.pick(WORDS)} ${random.below(5)}`),
          flags: random.chance(0.3) ? ["\\Flagged"] : [],
        }));
      const client = await server.login({ inbox: letters(8) });
      const other = await server.login();
      await client.ok("SELECT INBOX");
      await other.ok("SELECT INBOX");
      const all: Kept[] = [];
      for (const [at, search] of SEARCHES.entries()) {
        const uid = random.chance(0.5);
        const sorted = random.chance(0.5);
        const prefix = uid ? "UID " : "";
        const order = random.pick(["SUBJECT", "REVERSE SUBJECT", "REVERSE ARRIVAL", "SIZE SUBJECT"]);
        const tail = sorted ? `(${order}) UTF-8 ${search}` : search;
        const command = `${prefix}${sorted ? "SORT" : "SEARCH"} RETURN`;
        const tag = `k${at}`;
        await client.send(`${tag} ${command} (UPDATE ALL) ${tail}\r\n`);
        const [answer] = await client.answer(tag);
        const kept = {
          tag,
          uid,
          sorted,
          again: `${command} (ALL) ${tail}`,
          list: expand(/ ALL (\S+)/.exec(answer)?.[1]),
        };
        all.push(kept);
      }
      for (let step = 0; step < 40; step++) {
        const who = random.chance(0.7) ? other : client;
        const lines: string[] = [];
        const run = async (command: string) => {
          const answered = await who.command(command);
          if (who === client) lines.push(...answered);
        };
        switch (random.below(5)) {
          case 0:
            await server.fill("INBOX", letters(1 + random.below(3)));
            break;
          case 1:
            await run("EXPUNGE");
            break;
          default: {
            const set = [1 + random.below(10), 1 + random.below(10)].join(",");
            await run(
              `STORE ${set} ${random.pick(["+", "-"])}FLAGS${random.pick(["", ".SILENT"])} (${random.pick(FLAGS)})`,
            );
          }
        }
        lines.push(...await client.command("NOOP"));
        await other.ok("NOOP");
        for (const kept of all) {
          for (const line of lines) apply(kept, line);
          assert.deepEqual(kept.list, await now(client, kept), `${kept.again} after step ${step}\n${lines.join("\n")}`);
        }
      }
    } finally {
      await server.stop();
    }
  });
}
