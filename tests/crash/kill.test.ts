/**
 * Kills a real server with SIGKILL while several clients append, copy, move, flag and expunge, starts it again on the same data, and
 * looks: what was acknowledged is there, what was not is wholly done or not at all.
 *
 * ROOST_KILLS is the number of kills, ROOST_CRASH_SEED the seed (timing stays random).
 */
import assert from "node:assert/strict";
import { delay } from "../../store/sqlite/delay.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { Random } from "../model/random.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { History } from "./history.ts";
import { Imap } from "./imap.ts";
import { drive } from "./imaplane.ts";
import { Lane } from "./lane.ts";

const KILLS = Number(Deno.env.get("ROOST_KILLS") ?? 80);
const SEED = Number(Deno.env.get("ROOST_CRASH_SEED") ?? Math.floor(Math.random() * 1e9));
/** Servers that are killed side by side: one starts while another works. */
const ARENAS = 2;
const VERIFY_EVERY = 10;

interface Account {
  readonly history: History;
  readonly lanes: readonly Lane[];
}

function makeAccount(name: string): Account {
  const shared = ["INBOX", "Archive"];
  const own = [`${name}a`, `${name}b`, `${name}c`];
  return {
    history: new History(`${name}@example.org`, [...shared, ...own]),
    lanes: own.map((mailbox) => new Lane(mailbox, [...shared, mailbox], mailbox)),
  };
}

class Arena {
  readonly #random: Random;
  #answered = 0;

  constructor(readonly server: TestServer, readonly accounts: readonly Account[], readonly seed: number) {
    this.#random = new Random(seed);
  }

  async prepare(): Promise<void> {
    const addresses = this.accounts.map(({ history }) => history.address);
    await this.server.addAccounts(addresses.map((address) => ({ address, password: "secret" })));
    for (const { history, lanes } of this.accounts) {
      const imap = await Imap.connect(this.server.imapPort);
      await imap.ok(`LOGIN ${history.address} secret`);
      for (const { own } of lanes) await imap.ok(`CREATE ${own}`);
      await imap.close();
    }
  }

  async run(kills: number): Promise<number> {
    await this.prepare();
    for (let round = 1; round <= kills; round++) {
      try {
        await this.#round(round);
      } catch (error) {
        throw new Error(`ROOST_CRASH_SEED=${SEED}, round ${round}: ${(error as Error).message}`, { cause: error });
      }
    }
    const { code, stdout, stderr } = await this.server.roost(["verify"]);
    assert.equal(code, 0, new TextDecoder().decode(stdout) + stderr);
    return this.#answered;
  }

  async #round(round: number): Promise<void> {
    const random = this.#random;
    const work = this.accounts.flatMap(({ history, lanes }) =>
      lanes.map((lane) => drive(this.server.imapPort, history, lane, new Random(random.below(2 ** 32))))
    );
    const done = Promise.allSettled(work);
    await delay(20 + random.below(200));
    await this.server.kill();
    for (const result of await done) {
      if (result.status === "rejected") throw result.reason;
      this.#answered += result.value;
    }
    if (round % VERIFY_EVERY === 0) await verify(this.server.dataDir);
    if (random.chance(0.15)) await this.#killWhileStarting();
    await this.#restart();
    for (const { history, lanes } of this.accounts) {
      const places = await history.check(this.server.imapPort);
      for (const lane of lanes) lane.settle(places.filter(({ token }) => token.startsWith(`${lane.name}-`)));
    }
  }

  /** While it was dead, anybody's outgoing connection can have got its port for a moment. */
  async #restart(): Promise<void> {
    for (let attempts = 1;; attempts++) {
      try {
        return await this.server.restart();
      } catch (error) {
        if (attempts === 5 || !(error as Error).message.includes("is in use by another program")) throw error;
        await delay(500);
      }
    }
  }

  async #killWhileStarting(): Promise<void> {
    const starting = this.server.restart().then(() => true, () => false);
    await delay(this.#random.below(400));
    await this.server.kill();
    if (await starting) await this.server.kill();
  }
}

async function verify(dataDir: string): Promise<void> {
  const faults: string[] = [];
  await verifyStore(dataDir, (fault) => {
    if (!fault.note) faults.push(JSON.stringify(fault));
  });
  assert.deepEqual(faults, []);
}

Deno.test({
  name: `nothing acknowledged is lost and nothing is half done when the server is killed ${KILLS} times`,
  ignore: Deno.env.has("ROOST_TEST_SERVER"),
  fn: async () => {
    const answered = await Promise.all(Array.from({ length: ARENAS }, async (_, at) => {
      await using server = await startServer();
      const accounts = [makeAccount("ann"), makeAccount("bob")];
      return await new Arena(server, accounts, SEED + at).run(Math.ceil(KILLS / ARENAS));
    }));
    assert(Math.min(...answered) > KILLS, `too little was going on: ${answered} commands answered`);
  },
});
