import assert from "node:assert/strict";
import { Challenges } from "../../server/acme/challenges.ts";
import { type KeyPair, KeyPairs } from "../../server/config/tls.ts";
import { FollowedCertificates, shareCertificates } from "../../server/workers/certificates.ts";
import { Keeper } from "../../server/workers/keeper.ts";
import { Line, type Port } from "../../server/workers/line.ts";
import type {
  KeeperQuestions,
  SharedCertificates,
  WorkerQuestions,
  WorkerStart,
} from "../../server/workers/protocol.ts";
import { Team } from "../../server/workers/team.ts";
import { defaultConfig } from "../../server/config/schema.ts";

interface Ports extends Disposable {
  readonly here: Port;
  readonly there: Port;
}

function ports(): Ports {
  const { port1, port2 } = new MessageChannel();
  return {
    here: port1,
    there: port2,
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

type Asked = { double(n: number): number; later(text: string): Promise<string>; fail(nothing: undefined): void };

Deno.test("what is asked is answered, in order, or fails with its reason", async () => {
  using both = ports();
  const [asker, other] = [new Line<Asked, Asked>(both.here), new Line<Asked, Asked>(both.there)];
  const later = Promise.withResolvers<string>();
  other.on("double", (n) => 2 * n);
  other.on("later", () => later.promise);
  other.on("fail", () => {
    throw new Error("cannot");
  });
  const waiting = asker.ask("later", "x");
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => asker.ask("double", n))), [2, 4, 6]);
  await assert.rejects(asker.ask("fail", undefined), /^Error: cannot$/);
  later.resolve("done");
  assert.equal(await waiting, "done");
  await assert.rejects(other.ask("double", 1), /cannot be asked now/);
});

Deno.test("who waits for a thread that died, or asks it later, hears of it", async () => {
  using both = ports();
  const line = new Line<Asked, Asked>(both.here);
  const waiting = line.ask("double", 1);
  line.broken(new Error("dead"));
  await assert.rejects(waiting, /dead/);
  await assert.rejects(line.ask("double", 1), /dead/);
});

/** A keeper with two threads that are none. @returns what `serve` would have, how many threads were made, and what ends it */
function threads() {
  const [a, b] = [ports(), ports()];
  let made = 0;
  const make = ({ here }: { here: Port }) => () => {
    made++;
    return here;
  };
  const keeper = new Keeper({ config: defaultConfig(), demo: false }, [make(a), make(b)]);
  const lines = [a, b].map(({ there }) => new Line<WorkerQuestions, KeeperQuestions>(there));
  const teams = lines.map((line, index) => new Team(line, index, 2));
  return {
    keeper,
    lines,
    teams,
    made: () => made,
    [Symbol.dispose]() {
      a[Symbol.dispose]();
      b[Symbol.dispose]();
    },
  };
}

const NO_CERTIFICATES: SharedCertificates = { pairs: [], tokens: new Map(), challenges: new Map() };

/** Two such threads that serve. */
async function servingThreads() {
  const both = threads();
  const listening = both.teams.map((team, index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    both.lines[index].on("start", () => {
      resolve(team.opened([], () => NO_CERTIFICATES));
      return new Promise(() => {});
    });
    return promise;
  });
  void both.keeper.run([]);
  await Promise.all(listening);
  return both;
}

const pair = (name: string): KeyPair => ({ cert: name, key: name });

Deno.test("the second thread begins when the first one listens; when one ends, all do", async () => {
  using both = threads();
  const started: [number, readonly number[] | undefined][] = [];
  const stopped: string[] = [];
  both.lines.forEach((line, index) => {
    const stop = Promise.withResolvers<string>();
    line.on("stop", (reason) => stop.resolve(reason));
    line.on("start", async ({ opened }: WorkerStart) => {
      started.push([index, opened?.ports]);
      assert.equal(both.made(), index + 1);
      await both.teams[index].opened([143, 993], () => NO_CERTIFICATES);
      if (index === 0) return { fault: "ended" };
      stopped.push(await stop.promise);
      return {};
    });
  });
  assert.deepEqual(await both.keeper.run([]), { fault: "ended" });
  assert.deepEqual(started, [[0, undefined], [1, [143, 993]]]);
  assert.deepEqual(stopped, ["another thread has ended"]);
});

Deno.test("a first thread that cannot begin ends all, and no other begins", async () => {
  using both = threads();
  both.lines[0].on("start", async () => ({ fault: "the port is taken" }));
  assert.deepEqual(await both.keeper.run([]), { fault: "the port is taken" });
  assert.equal(both.made(), 1);
});

Deno.test("a thread that is made after the signal to stop hears of it", async () => {
  using both = threads();
  both.lines.forEach((line, index) => {
    const stop = Promise.withResolvers<string>();
    line.on("stop", (reason) => stop.resolve(reason));
    line.on("start", async () => {
      if (index === 0) both.keeper.stop("SIGTERM");
      await both.teams[index].opened([], () => NO_CERTIFICATES);
      return { fault: `${index} ${await stop.promise}` };
    });
  });
  assert.match((await both.keeper.run([])).fault ?? "", /^[01] SIGTERM$/);
  assert.equal(both.made(), 2);
});

Deno.test("a thread that dies ends all", async () => {
  using both = threads();
  const stop = Promise.withResolvers<string>();
  both.lines[0].on("stop", (reason) => stop.resolve(reason));
  both.lines[0].on("start", async () => {
    void both.teams[0].opened([], () => NO_CERTIFICATES);
    await stop.promise;
    return {};
  });
  both.lines[1].on("start", () => {
    both.keeper.died(1, new Error("boom"));
    return new Promise(() => {});
  });
  assert.match((await both.keeper.run([])).fault ?? "", /boom/);
});

Deno.test("a thread that died while it was loaded ends all", async () => {
  using both = threads();
  both.keeper.died(0, new Error("boom"));
  assert.match((await both.keeper.run([])).fault ?? "", /boom/);
});

Deno.test("certificates and answers to challenges reach the other threads before an authority hears of them", async () => {
  using both = await servingThreads();
  const [first, second] = both.teams;
  const [source, challenges] = [new KeyPairs([pair("one")]), new Challenges()];
  const shared = shareCertificates(first, source, challenges);
  const followed = new FollowedCertificates(second, shared(), new Challenges());
  assert.deepEqual(followed.pairs, [pair("one")]);
  const changed = Promise.withResolvers<void>();
  followed.onChange(() => changed.resolve());
  source.replace(0, pair("two"));
  await changed.promise;
  assert.deepEqual(followed.pairs, [pair("two")]);
  const stop = await challenges.answerTls("mail.example.org", pair("challenge"));
  assert.deepEqual(followed.challenge("MAIL.example.org"), pair("challenge"));
  await challenges.answerHttp("token", "proof");
  const answer = await followed.challenges.route.answer("/.well-known/acme-challenge/token");
  assert.equal(await answer.text(), "proof");
  stop();
  while (followed.challenge("mail.example.org")) await new Promise((resolve) => setTimeout(resolve, 1));
});

Deno.test("a place is given back once; without limits nobody is asked", async () => {
  using both = await servingThreads();
  const limits = { ...defaultConfig().limits, connectionsPerAddress: 1, connectionsPerMinute: 0 };
  // The keeper has the default limits: 30 an address.
  const admissions = both.teams.map((team) => team.admission(limits));
  const held = [];
  for (let at = 0; at < 30; at++) held.push(await admissions[at % 2].connect("192.0.2.1"));
  assert.ok("refused" in await admissions[0].connect("192.0.2.1"));
  const [first] = held;
  assert("release" in first);
  first.release();
  first.release();
  assert.ok("release" in await admissions[1].connect("192.0.2.1"));
  assert.ok("refused" in await admissions[1].connect("192.0.2.1"));
  const free = both.teams[0].admission({ ...limits, connectionsPerAddress: 0 });
  assert.ok("release" in await free.connect("192.0.2.1"));
});
