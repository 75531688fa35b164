/** `--growth`: how the cost of what clients do grows with the messages of a mailbox and with the accounts of a server. Roost alone. */
import { accountName, serverWithAccounts } from "./accounts.ts";
import { equal } from "./check.ts";
import { message, messages, SHORT, WORDS } from "./corpus.ts";
import { type Answer, ImapClient } from "./imapclient.ts";
import { median, sleep, timed, within } from "./measure.ts";
import { appendAhead, appendMany, newMailbox, select } from "./mailboxes.ts";
import { memoryOf } from "./process.ts";
import type { Growth } from "./report.ts";
import { Run, type Scale } from "./run.ts";
import { type BenchServer, PASSWORD, startRoost } from "./servers.ts";
import { connectPlain } from "./stream.ts";

const ENVELOPE = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)";
const SESSIONS = 20;
/** Milliseconds after which what is no longer needed has been collected. */
const SETTLING = 4000;
/** Messages whose flags change before a QRESYNC. */
const CHANGED = 100;

/** Values by what they are of. */
class Values {
  readonly rows = new Map<string, { unit: string; of: Growth["of"]; points: { size: number; value: number }[] }>();

  constructor(readonly of: Growth["of"]) {}

  add(what: string, unit: string, size: number, value: number): void {
    const row = this.rows.get(what) ?? { unit, of: this.of, points: [] };
    this.rows.set(what, row);
    row.points.push({ size, value });
  }

  get growth(): Growth[] {
    return [...this.rows].map(([what, row]) => ({ what, ...row }));
  }
}

export async function measureGrowth(scale: Scale): Promise<Growth[]> {
  const full = scale.name === "full";
  const byMessages = new Values("messages");
  const server = await startRoost();
  try {
    for (const [user, size] of [1_000, 10_000, 100_000, ...full ? [1_000_000] : []].entries()) {
      const run = new Run(server, scale, "growth", 0);
      try {
        await new MailboxOf(server, run, user, size, byMessages).measure();
      } finally {
        run.close();
      }
      console.error(`${size} messages measured`);
    }
  } finally {
    await server.close();
  }
  const byAccounts = new Values("accounts");
  for (const size of [10, 1_000, 10_000]) {
    await withAccounts(size, byAccounts);
    console.error(`${size} accounts measured`);
  }
  return [...byMessages.growth, ...byAccounts.growth];
}

/** A mailbox of one size, in an account of its own. */
class MailboxOf {
  #mailbox = "";

  constructor(
    readonly server: BenchServer,
    readonly run: Run,
    readonly user: number,
    readonly size: number,
    readonly values: Values,
  ) {}

  async measure(): Promise<void> {
    const { run, user, size } = this;
    const filler = await run.login(user);
    this.#mailbox = await newMailbox(filler);
    const all = messages(SHORT, 0, size);
    this.#ms("APPEND of all, by 100", await timed(() => appendMany(filler, this.#mailbox, all)));
    await run.logout(filler);

    await this.server.restart();
    const client = await run.login(user);
    this.#ms("SELECT, after a restart", await timed(() => select(client, this.#mailbox, size)));
    await this.#repeated("SELECT, warm", 10, () => select(client, this.#mailbox, size));
    await this.#reads(client);
    await this.#searches(client);
    await this.#writes(client);
    await this.#idle(client);
    await this.#qresync(client);
    await run.logout(client);
    await this.#memory();
  }

  async #reads(client: ImapClient): Promise<void> {
    const { size } = this;
    const all = async (command: string) => equal((await client.ok(command)).fetches, size, command);
    await this.#repeated("UID FETCH 1:* (FLAGS)", 3, () => all("UID FETCH 1:* (FLAGS)"));
    await this.#repeated("FETCH 1:* with ENVELOPE and BODYSTRUCTURE", 1, () => all(`FETCH 1:* ${ENVELOPE}`));
    await this.#repeated("the same of the last 50", 10, () => client.ok(`FETCH ${size - 49}:* ${ENVELOPE}`));
  }

  async #searches(client: ImapClient): Promise<void> {
    const { size } = this;
    const searches = {
      [`SEARCH FROM "${WORDS.fromRare}"`]: Math.ceil((size - 11) / 499),
      [`SEARCH BODY "${WORDS.absent}"`]: 0,
      "SEARCH UNSEEN": 3 * size / 10,
    };
    for (const [command, hits] of Object.entries(searches)) {
      await this.#repeated(command, 3, async () => equal(hitsOf(await client.ok(command)), hits, command));
    }
  }

  async #writes(client: ImapClient): Promise<void> {
    const { size } = this;
    await this.#repeated("STORE 1:* +FLAGS.SILENT", 1, () => client.ok("STORE 1:* +FLAGS.SILENT (\\Draft)"));
    equal(hitsOf(await client.ok("SEARCH DRAFT")), size, "hits of SEARCH after STORE");
    await this.#repeated("STORE of one", 50, (at) => client.ok(`STORE ${size - at} -FLAGS (\\Draft)`));
  }

  /** APPEND of one message until it is answered, and until another client in IDLE is told. */
  async #idle(client: ImapClient): Promise<void> {
    const writer = await this.run.login(this.user);
    const appended: number[] = [];
    const told: number[] = [];
    const end = await client.idle();
    for (let at = 0; at < 10; at++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      client.onExists = () => resolve();
      const start = performance.now();
      const hears = within(60, "a client in IDLE is told", promise).then(() => told.push(performance.now() - start));
      await appendAhead(writer, this.#mailbox, [message(SHORT, at)]);
      appended.push(performance.now() - start);
      await hears;
    }
    client.onExists = undefined;
    await end();
    equal(client.exists, this.size + 10, "EXISTS after APPEND");
    this.#ms("APPEND of one", median(appended));
    this.#ms("until IDLE is told of it", median(told));
    await this.run.logout(writer);
  }

  async #qresync(client: ImapClient): Promise<void> {
    const { untagged } = await client.ok(`SELECT "${this.#mailbox}"`);
    const [, validity] = /UIDVALIDITY (\d+)/.exec(untagged.join("\n")) ?? [];
    const [, modseq] = /HIGHESTMODSEQ (\d+)/.exec(untagged.join("\n")) ?? [];
    await client.ok(`STORE 1:${CHANGED} +FLAGS.SILENT ($BenchChanged)`);
    const other = await this.run.login(this.user);
    await other.ok("ENABLE QRESYNC");
    await this.#repeated(`SELECT with QRESYNC, ${CHANGED} changed`, 5, async () => {
      const answer = await other.ok(`SELECT "${this.#mailbox}" (QRESYNC (${validity} ${modseq}))`);
      equal(answer.fetches, CHANGED, "FETCH responses to SELECT with QRESYNC");
      await other.ok("UNSELECT");
    });
    await this.run.logout(other);
  }

  /** Sessions that have been told of all messages; the first pays for what all share. */
  async #memory(): Promise<void> {
    await this.server.restart();
    const session = async () => {
      const client = await this.run.login(this.user);
      await select(client, this.#mailbox, this.size + 10);
      await client.ok("UID FETCH 1:* (FLAGS)");
      return client;
    };
    const memory = async () => {
      await sleep(SETTLING);
      return memoryOf(this.server.pid);
    };
    const clients = [await session()];
    const before = await memory();
    for (let at = 0; at < SESSIONS; at++) clients.push(await session());
    const each = (await memory() - before) / SESSIONS;
    // Less than a page is what garbage collection makes of it.
    this.values.add("memory of a session", "KiB", this.size, Math.max(4, each / 1024));
    await this.run.logout(...clients);
  }

  async #repeated(what: string, count: number, work: (at: number) => Promise<unknown>): Promise<void> {
    const took: number[] = [];
    for (let at = 0; at < count; at++) took.push(await timed(() => work(at)));
    this.#ms(what, median(took));
  }

  #ms(what: string, ms: number): void {
    this.values.add(what, "ms", this.size, ms);
  }
}

async function withAccounts(size: number, values: Values): Promise<void> {
  await using server = await serverWithAccounts(size);
  const starts: number[] = [];
  for (let at = 0; at < 3; at++) {
    await server.stop();
    starts.push(await timed(() => server.restart()));
  }
  values.add("until it listens", "ms", size, median(starts));
  values.add("memory", "MiB", size, memoryOf(server.pid) / 2 ** 20);
  const took = { "LOGIN": [] as number[], "SELECT INBOX, first": [] as number[], "APPEND of one": [] as number[] };
  for (let at = 0; at < 10; at++) {
    const client = await ImapClient.over(await connectPlain(server.imapPort));
    took["LOGIN"].push(await timed(() => client.ok(`LOGIN ${accountName(size - 1 - at)} ${PASSWORD}`)));
    took["SELECT INBOX, first"].push(await timed(() => select(client, "INBOX", 0)));
    took["APPEND of one"].push(await timed(() => appendAhead(client, "INBOX", [message(SHORT, at)])));
    await client.logout();
  }
  for (const [what, all] of Object.entries(took)) values.add(what, "ms", size, median(all));
}

function hitsOf({ untagged }: Answer): number {
  const line = untagged.find((response) => response.startsWith("SEARCH")) ?? "";
  return line.replace(/\(MODSEQ \d+\)/i, "").trim().split(" ").length - 1;
}
