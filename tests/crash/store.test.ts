/**
 * As kill.test.ts, with a process that is nothing but a store, so that many more kills fall into its commits.
 *
 * ROOST_STORE_KILLS is the number of kills, ROOST_CRASH_SEED the seed (timing stays random).
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { delay } from "../../store/sqlite/delay.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import type { Store } from "../../store/store.ts";
import type { AccountId, MailboxName } from "../../store/types.ts";
import { Random } from "../model/random.ts";
import { Lane } from "./lane.ts";
import type { Job, Said } from "./storechild.ts";
import { readMailbox } from "./storelane.ts";

const KILLS = Number(Deno.env.get("ROOST_STORE_KILLS") ?? 160);
const SEED = Number(Deno.env.get("ROOST_CRASH_SEED") ?? Math.floor(Math.random() * 1e9));
const ARENAS = 2;
const VERIFY_EVERY = 20;
const CHILD = fileURLToPath(new URL("storechild.ts", import.meta.url));
const SHARED = ["INBOX", "Archive"];

interface Floor {
  uidNext: number;
  highest: number;
  readonly tokens: Map<number, string>;
}

class Arena {
  readonly #random: Random;
  readonly #lanes: { readonly account: AccountId; readonly lane: Lane }[] = [];
  readonly #floors = new Map<string, Floor>();
  #store: Store | undefined;
  done = 0;

  constructor(readonly dataDir: string, seed: number) {
    this.#random = new Random(seed);
  }

  #open(): Promise<Store> {
    return openStore({ dataDir: this.dataDir, quotaBytes: 0, quotaMessages: 0 });
  }

  async run(kills: number): Promise<void> {
    const store = this.#store = await this.#open();
    const accounts = await store.directory.add(["ann", "bob"].map((address) => ({ address, credentials: {} })));
    for (const { id, address } of accounts) {
      for (const own of [`${address}a`, `${address}b`]) {
        await store.mail(id).createMailbox(own as MailboxName);
        this.#lanes.push({ account: id, lane: new Lane(own, [...SHARED, own], own) });
      }
    }
    try {
      for (let round = 1; round <= kills; round++) {
        try {
          await this.#round(round);
        } catch (error) {
          throw new Error(`ROOST_CRASH_SEED=${SEED}, round ${round}: ${(error as Error).message}`, { cause: error });
        }
      }
      await this.#verify();
    } finally {
      await this.#store?.close();
    }
  }

  async #round(round: number): Promise<void> {
    // Sometimes another process has the store open all the while, and recovery finds the log in use.
    if (this.#random.chance(0.5)) await this.#closeStore();
    await this.#killChild();
    if (round % VERIFY_EVERY === 0) await this.#verify();
    const store = this.#store ??= await this.#open();
    for (const account of new Set(this.#lanes.map((entry) => entry.account))) {
      const lanes = this.#lanes.filter((entry) => entry.account === account).map(({ lane }) => lane);
      const places = [];
      for (const name of new Set(lanes.flatMap((lane) => lane.mailboxes))) {
        const { places: here, uidNext, highest } = await readMailbox(store.mail(account), name);
        const floor = this.#floor(account, name);
        assert(uidNext >= floor.uidNext, `${name}: UIDNEXT fell from ${floor.uidNext} to ${uidNext}`);
        assert(highest >= floor.highest, `${name}: HIGHESTMODSEQ fell from ${floor.highest} to ${highest}`);
        Object.assign(floor, { uidNext, highest });
        for (const { uid, token } of here) {
          assert(uid !== undefined && uid < uidNext, `${name}: UID ${uid}, but UIDNEXT ${uidNext}`);
          this.#given(account, name, uid, token);
        }
        places.push(...here);
      }
      for (const lane of lanes) lane.settle(places.filter(({ token }) => token.startsWith(`${lane.name}-`)));
    }
  }

  #floor(account: AccountId, mailbox: string): Floor {
    const key = `${account} ${mailbox}`;
    const floor = this.#floors.get(key) ?? { uidNext: 1, highest: 0, tokens: new Map() };
    this.#floors.set(key, floor);
    return floor;
  }

  #given(account: AccountId, mailbox: string, uid: number, token: string): void {
    const floor = this.#floor(account, mailbox);
    assert.equal(floor.tokens.get(uid) ?? token, token, `${mailbox}: UID ${uid} was given twice`);
    floor.tokens.set(uid, token);
    floor.uidNext = Math.max(floor.uidNext, uid + 1);
  }

  async #killChild(): Promise<void> {
    const lanes = this.#lanes.map(({ account, lane }) => {
      const { name, mailboxes, own } = lane;
      return { account, name, mailboxes, own, state: lane.save() };
    });
    const job: Job = { seed: this.#random.below(2 ** 31), lanes };
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", CHILD, this.dataDir, JSON.stringify(job)],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const begun = Promise.withResolvers<void>();
    const output = this.#listen(child.stdout, () => begun.resolve());
    const errors = new Response(child.stderr).text();
    // Now and then in the middle of opening and recovering.
    if (this.#random.chance(0.9)) await Promise.race([begun.promise, child.status]);
    await delay(this.#random.below(80));
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself, and `errors` tells why.
    }
    await output;
    const { signal } = await child.status;
    assert.equal(signal, "SIGKILL", await errors);
    await errors;
  }

  /** Takes what the child says until it is silent for good. */
  async #listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>, begun: () => void): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      begun();
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#hear(JSON.parse(line));
    }
  }

  #hear(said: Said): void {
    const { account, lane } = this.#lanes[said.lane];
    if ("begun" in said) {
      const { begun } = said;
      lane.inFlight.push(begun);
      if (begun.kind === "append") { for (const { token } of begun.messages) lane.sawToken(token); }
      return;
    }
    const [operation] = lane.inFlight;
    lane.done(said.made);
    this.done++;
    if (!("to" in operation)) return;
    for (const { uid, token } of lane.world.slice(lane.world.length - said.made.length)) {
      this.#given(account, operation.to, uid ?? 0, token);
    }
  }

  async #closeStore(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  async #verify(): Promise<void> {
    const faults: string[] = [];
    await verifyStore(this.dataDir, (fault) => {
      if (!fault.note) faults.push(JSON.stringify(fault));
    });
    assert.deepEqual(faults, []);
  }
}

Deno.test(`a store whose process is killed ${KILLS} times keeps all that was done, and nothing half done`, async () => {
  await Promise.all(Array.from({ length: ARENAS }, async (_, at) => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-crash-" });
    try {
      const arena = new Arena(dataDir, SEED + at);
      await arena.run(Math.ceil(KILLS / ARENAS));
      assert(arena.done > KILLS, `too little was going on: ${arena.done} operations`);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  }));
});
