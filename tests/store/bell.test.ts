import assert from "node:assert/strict";
import { join } from "node:path";
import type { Bell, Ring } from "../../store/changes.ts";
import { openBell } from "../../store/sqlite/bell.ts";
import { PendingRings } from "../../store/sqlite/belllines.ts";
import { runFolder } from "../../store/sqlite/bellrun.ts";
import { BellSiblings, siblings } from "../../store/sqlite/bellsiblings.ts";
import type { AccountId, MailboxId, ModSeq } from "../../store/types.ts";

const ring = (account: number, mailboxes: number[], modseq: number): Ring => ({
  account: account as AccountId,
  mailboxes: mailboxes as MailboxId[],
  modseq: modseq as ModSeq,
});

/** Collects rings of an account; `next` waits for one. */
function ear(bell: Bell, account: number) {
  const rings: Ring[] = [];
  let wake = () => {};
  const end = bell.listen(account as AccountId, (heard) => {
    rings.push(heard);
    wake();
  });
  return {
    rings,
    end,
    async next(): Promise<Ring> {
      while (rings.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return rings.shift()!;
    },
  };
}

function bellTest(name: string, test: (dataDir: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-bell-" });
    try {
      await test(dataDir);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

const sockets = (dataDir: string) => [...Deno.readDirSync(runFolder(dataDir))].map(({ name }) => name);

bellTest(
  "a ring is heard by the account's listeners in the same process, after the ringer went on",
  async (dataDir) => {
    const bell = openBell(dataDir);
    const [alice, other] = [ear(bell, 1), ear(bell, 2)];
    bell.ring(ring(1, [3], 7));
    assert.equal(alice.rings.length, 0);
    assert.deepEqual(await alice.next(), ring(1, [3], 7));
    assert.equal(other.rings.length, 0);
    await bell.close();
  },
);

bellTest("rings of one account in one turn are one", async (dataDir) => {
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  for (let modseq = 1; modseq <= 5; modseq++) bell.ring(ring(1, [modseq % 2 + 1], modseq));
  assert.deepEqual(await alice.next(), ring(1, [2, 1], 5));
  assert.equal(alice.rings.length, 0);
  await bell.close();
});

bellTest("a ring that looks everywhere takes in one that names mailboxes", async (dataDir) => {
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  bell.ring(ring(1, [4], 1));
  bell.ring(ring(1, [], 2));
  bell.ring(ring(1, [5], 3));
  assert.deepEqual(await alice.next(), ring(1, [], 3));
  await bell.close();
});

bellTest("who stopped listening hears nothing; others go on", async (dataDir) => {
  const bell = openBell(dataDir);
  const [first, second] = [ear(bell, 1), ear(bell, 1)];
  first.end();
  first.end();
  bell.ring(ring(1, [1], 1));
  await second.next();
  assert.equal(first.rings.length, 0);
  await bell.close();
});

bellTest("a listener that throws does not keep others from hearing", async (dataDir) => {
  const bell = openBell(dataDir);
  bell.listen(1 as AccountId, () => {
    throw new Error("deaf");
  });
  const alice = ear(bell, 1);
  bell.ring(ring(1, [1], 1));
  await alice.next();
  await bell.close();
});

bellTest("two bells on one data folder hear each other", async (dataDir) => {
  const [one, two] = [openBell(dataDir), openBell(dataDir)];
  const [atOne, atTwo] = [ear(one, 1), ear(two, 1)];
  one.ring(ring(1, [3, 4], 7));
  assert.deepEqual(await atOne.next(), ring(1, [3, 4], 7));
  assert.deepEqual(await atTwo.next(), ring(1, [3, 4], 7));
  two.ring(ring(1, [], 8));
  assert.deepEqual(await atOne.next(), ring(1, [], 8));
  assert.deepEqual(await atTwo.next(), ring(1, [], 8));
  await Promise.all([one.close(), two.close()]);
  assert.deepEqual(sockets(dataDir), []);
});

bellTest("a bell that begins to listen later is found", async (dataDir) => {
  const ringer = openBell(dataDir);
  ringer.ring(ring(1, [1], 1));
  for (let modseq = 2; modseq < 10; modseq++) {
    const late = openBell(dataDir);
    const heard = ear(late, 1);
    ringer.ring(ring(1, [1], modseq));
    assert.deepEqual(await heard.next(), ring(1, [1], modseq));
    await late.close();
  }
  await ringer.close();
});

bellTest("another process rings and ends at once: its ring arrives", async (dataDir) => {
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  const program = `
    import { openBell } from ${JSON.stringify(import.meta.resolve("../../store/sqlite/bell.ts"))};
    const bell = openBell(Deno.args[0]);
    bell.ring({ account: 1, mailboxes: [2], modseq: 9 });
    await bell.close();
  `;
  const script = join(dataDir, "ring.ts");
  await Deno.writeTextFile(script, program);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", "-c", config, script, dataDir] });
  const { code, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.deepEqual(await alice.next(), ring(1, [2], 9));
  await bell.close();
});

bellTest(
  "the socket of a killed process is removed by the next ring, and those who live are heard",
  async (dataDir) => {
    const folder = runFolder(dataDir);
    const stale = "999999-0badcafe.sock";
    Deno.listen({ transport: "unix", path: join(folder, stale) }).close();
    const [one, two] = [openBell(dataDir), openBell(dataDir)];
    const heard = ear(two, 1);
    one.ring(ring(1, [1], 1));
    await heard.next();
    await one.close();
    assert.ok(!sockets(dataDir).includes(stale));
    await two.close();
  },
);

bellTest("a half-made socket is left alone until it is old", async (dataDir) => {
  const folder = runFolder(dataDir);
  for (const name of ["1-00000001.sock.new", "1-00000002.sock.new"]) await Deno.writeTextFile(join(folder, name), "");
  await Deno.utime(join(folder, "1-00000001.sock.new"), new Date(0), new Date(0));
  const bell = openBell(dataDir);
  bell.ring(ring(1, [1], 1));
  await bell.close();
  assert.deepEqual(sockets(dataDir), ["1-00000002.sock.new"]);
});

bellTest("a peer that never reads neither stalls the ringer nor costs more than bounded memory", async (dataDir) => {
  const listener = Deno.listen({ transport: "unix", path: join(runFolder(dataDir), "999999-00000001.sock") });
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  for (let round = 0; round < 50; round++) {
    for (let account = 1; account <= 1000; account++) bell.ring(ring(account, [1], round * 1000 + account));
    await alice.next();
  }
  const connection = await listener.accept();
  // What waits is delivered as soon as it reads again.
  const buffer = new Uint8Array(65536);
  let text = "";
  while (!text.includes("1000 50000 1\n")) {
    text += new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  }
  connection.close();
  listener.close();
  await bell.close();
});

bellTest("what a peer says unintelligibly is heard as look everywhere", async (dataDir) => {
  const bell = openBell(dataDir);
  const [alice, other] = [ear(bell, 1), ear(bell, 2)];
  const [name] = sockets(dataDir);
  for (const text of ["*\n", "1 2 3,\n", "half a li", "x".repeat(5000)]) {
    const connection = await Deno.connect({ transport: "unix", path: join(runFolder(dataDir), name) });
    await connection.write(new TextEncoder().encode(text));
    connection.close();
    assert.deepEqual(await alice.next(), ring(1, [], 0));
    assert.deepEqual(await other.next(), ring(2, [], 0));
  }
  await bell.close();
});

bellTest("lines are understood however they are cut", async (dataDir) => {
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  const connection = await Deno.connect({ transport: "unix", path: join(runFolder(dataDir), sockets(dataDir)[0]) });
  for (const byte of new TextEncoder().encode("1 5 2,3\n1 6 \n")) await connection.write(Uint8Array.of(byte));
  assert.deepEqual(await alice.next(), ring(1, [2, 3], 5));
  assert.deepEqual(await alice.next(), ring(1, [], 6));
  connection.close();
  await bell.close();
});

bellTest("a data folder with a long path has its sockets elsewhere, in a private folder", async (dataDir) => {
  const long = join(dataDir, "x".repeat(90), "data");
  const [one, two] = [openBell(long), openBell(long)];
  const heard = ear(two, 1);
  one.ring(ring(1, [1], 1));
  await heard.next();
  const folder = runFolder(long);
  assert.ok(!folder.startsWith(dataDir));
  assert.equal(Deno.statSync(folder).mode! & 0o777, 0o700);
  await Promise.all([one.close(), two.close()]);
  await Deno.remove(folder);
});

bellTest("sockets and their folder are the user's alone", async (dataDir) => {
  const bell = openBell(dataDir);
  ear(bell, 1);
  const folder = runFolder(dataDir);
  assert.equal(Deno.statSync(folder).mode! & 0o777, 0o700);
  assert.equal(Deno.statSync(join(folder, sockets(dataDir)[0])).mode! & 0o777, 0o600);
  await bell.close();
});

bellTest("where no socket can be made the bell still rings within the process", async (dataDir) => {
  await Deno.writeTextFile(join(dataDir, "run"), "in the way");
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  bell.ring(ring(1, [1], 1));
  await alice.next();
  await bell.close();
});

bellTest("a closed bell is silent", async (dataDir) => {
  const bell = openBell(dataDir);
  const alice = ear(bell, 1);
  await bell.close();
  await bell.close();
  bell.ring(ring(1, [1], 1));
  bell.listen(1 as AccountId, () => {});
  await Promise.resolve();
  assert.equal(alice.rings.length, 0);
});

Deno.test("rings that wait are bounded: too many accounts become look everywhere", () => {
  const pending = new PendingRings(3);
  for (let account = 1; account <= 3; account++) pending.add(ring(account, [1], 1));
  assert.equal((pending.take() as Ring[]).length, 3);
  for (let account = 1; account <= 4; account++) pending.add(ring(account, [1], 1));
  assert.equal(pending.take(), "everywhere");
  assert.ok(pending.empty);
});

bellTest("threads of one process hear each other, once, and by no socket", async (dataDir) => {
  const [one, two, three] = siblings(3).map((own) => openBell(dataDir, own));
  const [atOne, atTwo, other] = [ear(one, 1), ear(two, 1), ear(three, 2)];
  const all: Ring[] = [];
  const heard = Promise.withResolvers<void>();
  three.listenAll((ring) => all.push(ring) === 3 && heard.resolve());
  one.ring(ring(1, [3, 4], 7));
  assert.deepEqual(await atOne.next(), ring(1, [3, 4], 7));
  assert.deepEqual(await atTwo.next(), ring(1, [3, 4], 7));
  two.ring(ring(1, [5], 8));
  assert.deepEqual(await atOne.next(), ring(1, [5], 8));
  one.ring(ring(1, [6], 9));
  one.ring(ring(2, [1], 1));
  assert.deepEqual(await other.next(), ring(2, [1], 1));
  assert.deepEqual(
    all,
    [ring(2, [1], 1)],
    "who listens to all is told of what nobody else there waits for a little later",
  );
  await heard.promise;
  assert.deepEqual(all.sort((a, b) => a.modseq - b.modseq), [
    ring(2, [1], 1),
    ring(1, [5], 8),
    ring(1, [3, 4, 6], 9),
  ]);
  assert.ok([...atTwo.rings, ...atOne.rings].every(({ account }) => account === 1));
  assert.equal(sockets(dataDir).length, 3);
  const stranger = openBell(dataDir);
  stranger.ring(ring(2, [9], 9));
  assert.deepEqual(await other.next(), ring(2, [9], 9));
  await Promise.all([stranger.close(), one.close(), two.close(), three.close()]);
  assert.deepEqual(sockets(dataDir), []);
});

bellTest("a thread that is busy hears in the end of all that was rung, in bounded memory", async (dataDir) => {
  const [own, its] = siblings(2);
  const bell = openBell(dataDir, own);
  const busy = new BellSiblings(its, () => {});
  busy.listens(undefined, 1);
  const messages: unknown[] = [];
  // It takes what comes, and says so only when it is told to.
  its.ports[0]!.onmessage = ({ data }) => messages.push(data);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
  for (let account = 1; account <= 20_000; account++) {
    bell.ring(ring(account, [1], account));
    if (account % 1000 === 0) await settled();
  }
  assert.deepEqual(messages.length, 1);
  its.ports[0]!.postMessage("heard");
  while (messages.length < 2) await settled();
  assert.equal(messages[1], "everywhere");
  its.ports[0]!.postMessage("heard");
  await bell.close();
  busy.close();
});

bellTest("nobody waits for a thread that has ended", async (dataDir) => {
  const [one, two] = siblings(2).map((own) => openBell(dataDir, own));
  ear(two, 1);
  ear(one, 1);
  await two.close();
  one.ring(ring(1, [1], 1));
  const start = performance.now();
  await one.close();
  assert.ok(performance.now() - start < 500);
});
