import assert from "node:assert/strict";
import { AuthError, type AuthFault, type Client, type Login } from "../auth/types.ts";
import { Attempts, type Clock } from "../server/attempts.ts";
import { setUpLog } from "../server/log.ts";
import type { Account, AttemptGroup } from "../store/store.ts";
import type { AccountId } from "../store/types.ts";

const client: Client = {
  remote: "192.0.2.1",
  secure: true,
  scope: "imap",
  tls: {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    resumed: false,
    clientKey: "a".repeat(64),
    bindings: [],
    binding: () => undefined,
  },
};

const alice: Login = { account: { id: 7 as AccountId, address: "alice@example.org" } as Account };

function refused(kind: AuthFault, user?: string, account?: number): AuthError {
  return new AuthError(kind, "No.", { user, account: account as AccountId });
}

/** A directory that remembers, and a clock that stands still until it is moved. */
class Bench {
  readonly batches: AttemptGroup[][] = [];
  time = 0;
  #alarm: { at: number; work: () => void } | undefined;
  record: (groups: readonly AttemptGroup[]) => Promise<void> = async (groups) => void this.batches.push([...groups]);
  readonly clock: Clock = {
    now: () => this.time,
    after: (ms, work) => {
      assert.equal(this.#alarm, undefined);
      this.#alarm = { at: this.time + ms, work };
      return () => this.#alarm = undefined;
    },
  };
  readonly attempts = new Attempts({ recordAttempts: (groups) => this.record(groups) }, { clock: this.clock });

  get groups(): AttemptGroup[] {
    return this.batches.flat();
  }

  /** Lets time pass, and what is due then. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    while (this.#alarm && this.#alarm.at <= end) {
      this.time = this.#alarm.at;
      const { work } = this.#alarm;
      this.#alarm = undefined;
      work();
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.time = end;
  }
}

/** What is logged, as one text. */
async function logged(work: () => Promise<void>, format: "logfmt" | "json" = "logfmt"): Promise<string> {
  const lines: string[] = [];
  await setUpLog({ level: "info", format }, { write: (line) => lines.push(line) });
  await work();
  await setUpLog({ level: "info", format }, { write: () => {} });
  return lines.join("");
}

function quietTest(name: string, test: (bench: Bench) => Promise<void>): void {
  Deno.test(name, async () => {
    await logged(() => test(new Bench()));
  });
}

quietTest("a success is recorded with all that is known of it", async (bench) => {
  const before = Math.floor(Date.now() / 1000);
  bench.attempts.begin(client).done("SCRAM-SHA-256-PLUS", { ...alice, appPassword: "phone" });
  await bench.attempts.close();
  const [{ first, last, ...group }] = bench.groups;
  assert.deepEqual(group, {
    account: 7,
    user: "alice@example.org",
    remote: "192.0.2.1",
    protocol: "imap",
    mechanism: "SCRAM-SHA-256-PLUS",
    tls: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    clientKey: "a".repeat(64),
    appPassword: "phone",
    userAgent: "",
    result: "ok",
    count: 1,
  });
  assert.ok(first === last && first >= before && first <= Date.now() / 1000);
});

quietTest("a failure is recorded with its reason and the name that was tried", async (bench) => {
  const connection = bench.attempts.begin({ remote: "192.0.2.1", secure: false, scope: "imap" });
  connection.done("PLAIN", refused("credentials", "alice", 7));
  connection.done("PLAIN", refused("credentials", "bob"));
  connection.done("PLAIN", refused("aborted"));
  await bench.attempts.close();
  assert.deepEqual(bench.groups.map(({ account, user, result, tls }) => [account, user, result, tls]), [
    [7, "alice", "credentials", ""],
    [null, "bob", "credentials", ""],
    [null, "", "aborted", ""],
  ]);
});

quietTest("TLS without known facts is told from clear text", async (bench) => {
  bench.attempts.begin({ remote: "192.0.2.1", secure: true, scope: "imap" }).done("LOGIN", alice);
  bench.attempts.begin({ remote: "local", secure: true, scope: "imap" }).done("LOGIN", alice);
  await bench.attempts.close();
  assert.deepEqual(bench.groups.map(({ tls }) => tls), ["TLS", ""]);
});

quietTest("attempts that are equal are one group of a batch", async (bench) => {
  for (let i = 0; i < 1000; i++) {
    bench.attempts.begin(client).done("PLAIN", refused("credentials", i % 2 === 0 ? "alice" : "bob"));
  }
  await bench.pass(1000);
  assert.equal(bench.batches.length, 1);
  assert.deepEqual(bench.groups.map(({ user, count }) => [user, count]), [["alice", 500], ["bob", 500]]);
});

quietTest("an attempt is written at most 1 s late", async (bench) => {
  const connection = bench.attempts.begin(client);
  for (let i = 0; i < 20; i++) {
    connection.done("PLAIN", refused("credentials", `${i}`));
    await bench.pass(100);
  }
  // At 2.0 s: all of the first second, and in few batches.
  assert.ok(bench.groups.length >= 10, `${bench.groups.length}`);
  assert.ok(bench.batches.length <= 8, `${bench.batches.length}`);
  await bench.pass(1000);
  assert.equal(bench.groups.length, 20);
});

quietTest("ID counts before the login and up to 0.75 s after it (RFC 2971)", async (bench) => {
  const [before, after, late, never] = [0, 1, 2, 3].map(() => bench.attempts.begin(client));
  before.userAgent("before/1");
  for (const connection of [before, after, late, never]) connection.done("PLAIN", alice);
  await bench.pass(700);
  after.userAgent("after/1");
  await bench.pass(400);
  late.userAgent("late/1");
  await bench.attempts.close();
  assert.deepEqual(bench.groups.map(({ userAgent, count }) => [userAgent, count]), [
    ["before/1", 1],
    ["after/1", 1],
    ["", 2],
  ]);
  late.done("PLAIN", alice);
});

quietTest("a later attempt of the connection knows what ID said", async (bench) => {
  const connection = bench.attempts.begin(client);
  connection.userAgent("mutt/2");
  connection.done("PLAIN", alice);
  await bench.pass(2000);
  connection.done("PLAIN", alice);
  await bench.attempts.close();
  assert.deepEqual(bench.groups.map(({ userAgent }) => userAgent), ["mutt/2", "mutt/2"]);
});

quietTest("names and user agents are bounded before they are remembered", async (bench) => {
  const connection = bench.attempts.begin(client);
  connection.userAgent("\u00e9".repeat(1000));
  connection.done("PLAIN", refused("credentials", "x".repeat(1_000_000)));
  await bench.attempts.close();
  const [{ user, userAgent }] = bench.groups;
  assert.equal(user.length, 320);
  assert.equal(userAgent, "\u00e9".repeat(100));
});

Deno.test("of a flood so many attempts wait, and the log tells of the rest", async () => {
  const bench = new Bench();
  const text = await logged(async () => {
    const connection = bench.attempts.begin(client);
    for (let i = 0; i < 20_010; i++) connection.done("PLAIN", alice);
    await bench.attempts.close();
  });
  assert.equal(bench.groups[0].count, 20_000);
  assert.match(text, /too many to be recorded" count=10/);
});

Deno.test("attempts that wait for a slow disk count too, and are not lost", async () => {
  const bench = new Bench();
  const slow = Promise.withResolvers<void>();
  const keep = bench.record;
  bench.record = async (groups) => {
    await slow.promise;
    await keep(groups);
  };
  await logged(async () => {
    const connection = bench.attempts.begin(client);
    for (let i = 0; i < 15_000; i++) connection.done("PLAIN", alice);
    await bench.pass(2000);
    for (let i = 0; i < 15_000; i++) connection.done("PLAIN", alice);
    slow.resolve();
    await bench.attempts.close();
  });
  assert.deepEqual(bench.groups.map(({ count }) => count), [15_000, 5_000]);
});

Deno.test("a directory that cannot be written is logged, and the next batch is tried", async () => {
  const bench = new Bench();
  const keep = bench.record;
  bench.record = () => Promise.reject(new Error("disk full"));
  const text = await logged(async () => {
    const connection = bench.attempts.begin(client);
    connection.done("PLAIN", alice);
    await bench.pass(1000);
    bench.record = keep;
    connection.done("PLAIN", alice);
    await bench.attempts.close();
  });
  assert.match(text, /could not be recorded: disk full/);
  assert.equal(bench.groups.length, 1);
});

Deno.test("a failed login is logged at once, what the client chose last", async () => {
  const bench = new Bench();
  const text = await logged(async () => {
    bench.attempts.begin(client).done("PLAIN", refused("credentials", "alice"));
  });
  assert.match(
    text,
    /^time=\S+ level=info logger=roost\.auth msg="login failed" remote=192\.0\.2\.1 protocol=imap mechanism=PLAIN reason=credentials tls=TLSv1\.3 user=alice\n$/,
  );
  await logged(() => bench.attempts.close());
});

const HOSTILE = [
  'a\r\ntime=2026-01-01T00:00:00.000Z level=info logger=roost.auth msg="login failed" remote=198.51.100.1',
  'x" remote=198.51.100.1 user="',
  "\\",
  '\\"',
  "remote=198.51.100.1",
  "\u2028\u0085\x1b[2J",
  "x".repeat(10_000),
  "\ud800\ufffd",
  "",
];

for (const format of ["logfmt", "json"] as const) {
  Deno.test(`${format}: no name makes a line or a field of its own`, async () => {
    for (const user of HOSTILE) {
      const bench = new Bench();
      const text = await logged(async () => {
        bench.attempts.begin(client).done("PLAIN", refused("credentials", user));
        await bench.attempts.close();
      }, format);
      assert.equal(text.split(/[\n\r\u0085\u2028\u2029]/).length, 2, text);
      assert.ok(text.length < 1000);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f]/);
      if (format === "json") assert.equal(JSON.parse(text).remote, "192.0.2.1");
      // Outside of the quoted name there is one remote.
      else assert.equal(text.replace(/"(?:[^"\\]|\\.)*"/g, '""').split("remote=").length, 2, text);
    }
  });
}
