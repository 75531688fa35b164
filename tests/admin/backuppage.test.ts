/** docs/backup.md, followed word by word; only where things are differs. */
import assert from "node:assert/strict";
import { runProgram, startServer } from "../support/server.ts";

const page = Deno.readTextFileSync(new URL("../../docs/backup.md", import.meta.url));
const lines = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, text]) => text.trimEnd().split("\n"));

Deno.test("docs/backup.md: its commands work, in their order", async () => {
  await using server = await startServer();
  if (server.foreign) return;
  await server.addAccount("ann@example.org", "a long secret");
  for (const n of [1, 2, 3]) {
    const text = `From: bob@example.org\nMessage-ID: <20261120.${n}@example.org>\n\nHello.\n`;
    assert.equal((await server.roost(["deliver", "ann@example.org"], text)).code, 0);
  }
  const words = server.command([]).slice(0, -2).map((word) => `'${word}'`).join(" ");
  const output: string[] = [];
  for (const line of lines) {
    if (line === "systemctl stop roost") await server.stop();
    else if (line === "systemctl start roost") await server.restart();
    else {
      const script = line.replaceAll("/var/backups/roost", `${server.dataDir}-backup`)
        .replaceAll("/var/lib/roost", server.dataDir).replace(
          /^roost (.*)/,
          `${words} $1 --config ${server.configFile}`,
        );
      const { code, stdout, stderr } = await runProgram(["sh", "-c", script]);
      assert.equal(code, 0, `${line}: ${stderr}`);
      output.push(new TextDecoder().decode(stdout).trimEnd());
    }
  }
  assert.deepEqual(output, [
    output[0],
    "0 messages restored, 1 there already",
    "0 messages restored, 2 there already",
    "0 messages restored, 0 there already",
    "3 messages restored, 0 there already",
    "0 messages restored, 3 there already, 3 newer ones expunged",
    output[6],
    output[7],
    "",
    output[9],
    "1 accounts, 6 mailboxes, 3 messages: 0 faults",
    "1 accounts, 6 mailboxes, 3 messages: 0 faults",
    "1 accounts, 6 mailboxes, 3 messages: 0 faults",
    "1 accounts, 6 mailboxes, 3 messages: 0 faults",
    "ann.salvaged@example.org: 3 messages salvaged, 0 of them in Lost+Found; 0 lost or damaged",
  ]);
  assert.match(output[0], /^1 accounts: 1 copied, 0 unchanged, 0 failed; /);
  assert.match(output[7], /^ann@example.org: made again, /);
  assert.match(output[9], /^1 accounts restored, /);
  assert.deepEqual(server.takeErrors(), []);
});
