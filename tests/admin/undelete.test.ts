import assert from "node:assert/strict";
import { cliTest, converse } from "./cli.ts";

cliTest(
  "undelete lists what was expunged and puts it back, beside a running server",
  async ({ roost, start, write }) => {
    write(
      "roost.yaml",
      "listeners: [{ protocol: imap, port: 0, cleartextLogin: true }]\nlog: { level: error }\n",
    );
    const config = ["-c", "roost.yaml"];
    await roost(["account", "add", "ann@example.org", "--password-stdin", ...config], "secret\n");
    for (const subject of ["one", "two"]) {
      await roost(
        ["deliver", "ann@example.org", ...config],
        `From: Bob <bob@example.org>\nSubject: ${subject}\n\nHello.\n`,
      );
    }
    const server = start(["serve", ...config]);
    const port = Number((await server.line())?.split(":").at(-1));
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await converse(connection, "a LOGIN ann@example.org secret\r\nb SELECT INBOX\r\n", /^b OK/m);
    await converse(connection, "c STORE 1:* +FLAGS.SILENT (\\Deleted)\r\nd EXPUNGE\r\ne CLOSE\r\n", /^e OK/m);
    await converse(connection, "f SELECT INBOX\r\n", /^f OK/m);

    const undelete = async (...args: string[]) => await roost(["undelete", "ann@example.org", ...args, ...config]);
    const { stdout: list } = await undelete("--list");
    assert.deepEqual(list.trimEnd().split("\n").map((line) => line.split("\t").slice(-1)[0]), ["one", "two"]);
    const json = JSON.parse((await undelete("--list", "--json", "--since", "1h")).stdout);
    assert.equal(json[0].from, "Bob <bob@example.org>");
    assert.equal(json[0].mailbox, "INBOX");
    assert.equal((await undelete("--mailbox", "Sent")).stdout, "");

    assert.deepEqual(await undelete(), { code: 0, stdout: "2\tINBOX\n", stderr: "" });
    assert.match(await converse(connection, "g NOOP\r\n", /^g OK/m), /^\* 2 EXISTS/m);
    assert.equal((await undelete("--list")).stdout, "");
    assert.equal((await roost(["undelete", "bob@example.org", ...config])).code, 1);
    assert.equal((await undelete("--since", "yesterday")).code, 2);
  },
);
