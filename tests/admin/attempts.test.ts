import assert from "node:assert/strict";
import { timeText } from "../../server/admin/table.ts";
import { openDirectory } from "../../store/sqlite/directory.ts";
import type { AttemptGroup } from "../../store/store.ts";
import { cliTest, type Place } from "./cli.ts";

const now = () => Math.floor(Date.now() / 1000);
const DAY = 86_400;

/** Records attempts beside whoever has the directory open. */
async function record({ directory }: Place, ...attempts: Partial<AttemptGroup>[]): Promise<void> {
  const opened = openDirectory(`${directory}/data`);
  try {
    await opened.recordAttempts(attempts.map((changes) => ({
      account: null,
      user: "",
      remote: "192.0.2.1",
      protocol: "imap",
      mechanism: "PLAIN",
      tls: "",
      cipher: "",
      clientKey: "",
      appPassword: "",
      userAgent: "",
      result: "credentials",
      first: now(),
      last: now(),
      count: 1,
      ...changes,
    })));
  } finally {
    opened.close();
  }
}

cliTest("attempts are listed: of all, of an account, failed ones, since a time, so many", async (place) => {
  const { roost } = place;
  await roost(["account", "add", "--batch", "-"], "ann@example.org\tsecret\nbob@example.org\tsecret\n");
  const at = now();
  await record(
    place,
    { user: "ann@example.org", first: at - 3 * DAY, last: at - 2 * DAY, count: 7 },
    {
      user: "ann@example.org",
      result: "ok",
      mechanism: "SCRAM-SHA-256-PLUS",
      tls: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      clientKey: "ab".repeat(32),
      appPassword: "phone",
      userAgent: "mutt/2.2 (Linux)",
      last: at - 60,
      first: at - 60,
    },
    { user: "bob@example.org", remote: "2001:db8::1", result: "throttled", first: at - 30, last: at - 30 },
    { user: "", result: "aborted", first: at - 20, last: at - 20 },
  );
  const lines = async (...args: string[]) => {
    const { code, stdout, stderr } = await roost(["attempts", ...args]);
    assert.equal(code, 0, stderr);
    return stdout.split("\n").slice(0, -1).map((line) => line.replace(/^\S+Z\t/, ""));
  };
  const old = "7\tcredentials\tann@example.org\t192.0.2.1\tPLAIN\t-\t-\t-";
  const good =
    "1\tok\tann@example.org\t192.0.2.1\tSCRAM-SHA-256-PLUS\tTLSv1.3 TLS_AES_256_GCM_SHA384\tabababababababab\tphone\tmutt/2.2 (Linux)";
  const bob = "1\tthrottled\tbob@example.org\t2001:db8::1\tPLAIN\t-\t-\t-";
  const nobody = "1\taborted\t-\t192.0.2.1\tPLAIN\t-\t-\t-";
  assert.deepEqual(await lines(), [nobody, bob, good, old]);
  assert.deepEqual(await lines("ANN@example.org"), [good, old]);
  assert.deepEqual(await lines("ann@example.org", "--since", "1d"), [good]);
  assert.deepEqual(await lines("--failed"), [nobody, bob, old]);
  assert.deepEqual(await lines("--since", "1d", "-n", "2"), [nobody, bob]);
  assert.deepEqual(await lines("-n", "0"), [nobody, bob, good, old]);
  const { code, stderr } = await roost(["attempts", "carol@example.org"]);
  assert.deepEqual([code, stderr], [1, "roost: there is no account carol@example.org\n"]);
  assert.equal((await roost(["attempts", "--since", "soon"])).code, 2);
  assert.equal((await roost(["attempts", "-n", "many"])).code, 2);
});

cliTest("attempts --json has every field; the account is told by its address", async (place) => {
  const { roost } = place;
  await roost(["account", "add", "ann@example.org", "--password-stdin"], "secret");
  const at = now();
  await record(place, { user: "ANN@example.org", first: at - 5, last: at, count: 2 });
  const attempts = JSON.parse((await roost(["attempts", "--json"])).stdout);
  assert.deepEqual(attempts, [{
    account: "ann@example.org",
    user: "ANN@example.org",
    remote: "192.0.2.1",
    protocol: "imap",
    mechanism: "PLAIN",
    tls: "",
    cipher: "",
    clientKey: "",
    appPassword: "",
    userAgent: "",
    result: "credentials",
    count: 2,
    first: timeText(at - 5),
    last: timeText(at),
  }]);
});

cliTest("what clients called themselves cannot act on the terminal", async (place) => {
  const { roost } = place;
  await roost(["account", "add", "ann@example.org", "--password-stdin"], "secret");
  await record(place, { user: "\x1b]0;x\x07\r\nforged\tline", userAgent: "\x9b2J\u202e" });
  const { stdout } = await roost(["attempts"]);
  assert.equal(stdout.split("\n").length, 2);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
});
