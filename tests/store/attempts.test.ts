import assert from "node:assert/strict";
import type { AttemptGroup, Directory } from "../../store/store.ts";
import { openDirectory } from "../../store/sqlite/directory.ts";
import { add, directoryTest, NOBODY } from "./directorysupport.ts";

const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);

function attempt(at: number, changes: Partial<AttemptGroup> = {}): AttemptGroup {
  return {
    account: null,
    user: "mallory",
    remote: "192.0.2.1",
    protocol: "imap",
    mechanism: "PLAIN",
    tls: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    clientKey: "",
    appPassword: "",
    userAgent: "",
    result: "credentials",
    first: at,
    last: at,
    count: 1,
    ...changes,
  };
}

async function all(directory: Directory): Promise<AttemptGroup[]> {
  return await directory.attempts({});
}

directoryTest("attempts that are equal in all but the time are one group", async (directory) => {
  const start = now() - 100;
  await directory.recordAttempts([attempt(start), attempt(start + 5, { count: 3 })]);
  await directory.recordAttempts([attempt(start + 9), attempt(start - 2)]);
  assert.deepEqual(await all(directory), [attempt(start, { first: start - 2, last: start + 9, count: 6 })]);
});

directoryTest("a difference in any field makes another group", async (directory) => {
  const [alice] = await add(directory, "alice");
  const at = now();
  const changes: Partial<AttemptGroup>[] = [
    { account: alice.id },
    { user: "m" },
    { remote: "192.0.2.2" },
    { protocol: "lmtp" },
    { mechanism: "LOGIN" },
    { tls: "TLSv1.2" },
    { cipher: "" },
    { clientKey: "a".repeat(64) },
    { appPassword: "phone" },
    { userAgent: "mutt" },
    { result: "throttled" },
  ];
  await directory.recordAttempts([attempt(at), ...changes.map((change) => attempt(at, change))]);
  const groups = await all(directory);
  assert.equal(groups.length, changes.length + 1);
  for (const change of changes) assert.ok(groups.some((group) => matches(group, attempt(at, change))));
});

function matches(a: AttemptGroup, b: AttemptGroup): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

directoryTest(
  "attempts are given latest first, of an account, since a time, failed ones, so many",
  async (directory) => {
    const [alice, bob] = await add(directory, "alice", "bob");
    const start = now() - 1000;
    await directory.recordAttempts([
      attempt(start, { account: alice.id, user: "1" }),
      attempt(start + 10, { account: alice.id, user: "2", result: "ok" }),
      attempt(start + 20, { account: bob.id, user: "3" }),
      attempt(start + 30, { user: "4" }),
      attempt(start + 40, { account: alice.id, user: "5" }),
    ]);
    const users = async (filter: Parameters<Directory["attempts"]>[0]) =>
      (await directory.attempts(filter)).map(({ user }) => user).join("");
    assert.equal(await users({}), "54321");
    assert.equal(await users({ account: alice.id }), "521");
    assert.equal(await users({ account: null }), "4");
    assert.equal(await users({ since: start + 20 }), "543");
    assert.equal(await users({ account: alice.id, since: start + 10 }), "52");
    assert.equal(await users({ failed: true }), "5431");
    assert.equal(await users({ account: alice.id, failed: true }), "51");
    assert.equal(await users({ most: 2 }), "54");
    assert.equal(await users({ account: alice.id, most: 2 }), "52");
  },
);

directoryTest("attempts are forgotten after 30 days", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.recordAttempts([
    attempt(now() - 31 * DAY, { user: "old" }),
    attempt(now() - 31 * DAY, { user: "old", account: alice.id, result: "ok" }),
    attempt(now() - 31 * DAY, { user: "renewed" }),
    attempt(now() - 29 * DAY, { user: "new" }),
    attempt(now(), { user: "renewed" }),
  ]);
  assert.deepEqual((await all(directory)).map(({ user }) => user), ["renewed", "new"]);
});

directoryTest(
  "an account keeps the latest 10,000 groups of failures, whatever happens to others",
  async (directory) => {
    const [alice, bob] = await add(directory, "alice", "bob");
    const start = now() - 20_000;
    await directory.recordAttempts([
      attempt(start - 1, { account: alice.id, user: "her own", result: "ok" }),
      attempt(start - 1, { account: bob.id, user: "his" }),
      attempt(start - 1, { user: "nobody's" }),
    ]);
    await directory.recordAttempts(
      Array.from({ length: 10_005 }, (_, i) => attempt(start + i, { account: alice.id, user: `${i}` })),
    );
    const failures = await directory.attempts({ account: alice.id, failed: true });
    assert.equal(failures.length, 10_000);
    assert.deepEqual([failures[0].user, failures[9_999].user], ["10004", "5"]);
    await directory.recordAttempts([attempt(start + 5, { account: alice.id, user: "as old as the last", count: 2 })]);
    assert.equal((await directory.attempts({ account: alice.id, failed: true })).length, 10_000);
    assert.equal((await directory.attempts({ account: alice.id })).length, 10_001);
    assert.equal((await directory.attempts({ account: bob.id })).length, 1);
    assert.equal((await directory.attempts({ account: null })).length, 1);
  },
);

directoryTest("names that are nobody's, and successes, are bounded too", async (directory) => {
  const [alice] = await add(directory, "alice");
  const start = now() - 20_000;
  for (const part of [0, 1, 2]) {
    const numbers = Array.from({ length: 5_000 }, (_, i) => part * 5_000 + i);
    await directory.recordAttempts([
      ...numbers.map((i) => attempt(start + i, { user: `made up ${i}` })),
      ...numbers.map((i) => attempt(start + i, { account: alice.id, userAgent: `agent ${i}`, result: "ok" })),
    ]);
  }
  assert.equal((await directory.attempts({ account: null })).length, 10_000);
  assert.equal((await directory.attempts({ account: alice.id })).length, 10_000);
});

directoryTest("long and unprintable texts are kept short and plain", async (directory) => {
  await directory.recordAttempts([
    attempt(now(), { user: "\u00e9".repeat(200), userAgent: `a\r\n\x1b[2Jb\u202e\ud800${"x".repeat(10_000)}` }),
  ]);
  const [{ user, userAgent }] = await all(directory);
  assert.equal(user, "\u00e9".repeat(160));
  assert.match(userAgent, /^a\ufffd\ufffd\ufffd\[2Jb\ufffd\ufffdx+$/);
  assert.equal(new TextEncoder().encode(userAgent).length, 200);
});

directoryTest("an attempt whose name is an account's is the account's, looked up or not", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.recordAttempts([
    attempt(now(), { user: "ALICE" }),
    attempt(now(), { user: "bob" }),
    attempt(now(), { user: "was somebody", account: NOBODY }),
  ]);
  assert.deepEqual((await directory.attempts({ account: alice.id })).map(({ user }) => user), ["ALICE"]);
  assert.equal((await directory.attempts({ account: null })).length, 2);
});

directoryTest("attempts go with their account; another process sees them", async (directory, dataDir) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  await directory.recordAttempts([attempt(now(), { account: alice.id }), attempt(now(), { account: bob.id })]);
  const other = openDirectory(dataDir);
  assert.equal((await all(other)).length, 2);
  other.close();
  await directory.remove(alice.id);
  assert.deepEqual((await all(directory)).map(({ account }) => account), [bob.id]);
});
