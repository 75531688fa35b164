/** docs/postfix.md, followed word by word with a Postfix and a Roost of the test's own: every command and every line in it is used. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { openStore } from "../../store/sqlite/open.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { Postfix } from "./postfix.ts";
import { messagesIn } from "./support.ts";

const page = Deno.readTextFileSync(fileURLToPath(new URL("../../docs/postfix.md", import.meta.url)));
const required = Deno.env.get("ROOST_REQUIRE_CLIENTS") === "1";
const missing = ["postfix", "swaks"].filter((program) => {
  const { code } = new Deno.Command("sh", { args: ["-c", `PATH=/usr/sbin:$PATH; command -v ${program}`] }).outputSync();
  return code !== 0;
});

interface Block {
  /** "sh", "yaml", "ini main.cf". */
  readonly kind: string;
  readonly text: string;
}

/** The page's code, with the places of this test in it. */
function blocks(places: readonly (readonly [string, string])[]): Block[] {
  return [...page.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, kind, code]) => {
    let text = code;
    for (const [there, here] of places) text = text.replaceAll(there, here);
    return { kind, text };
  });
}

/** Programs on the PATH, and one that Postfix may start as a user who can read nothing of ours: it hands on to the test. */
async function makePrograms(directory: string, server: TestServer): Promise<Deno.Listener> {
  const script = async (name: string, lines: string) => {
    await Deno.writeTextFile(`${directory}/${name}`, lines);
    await Deno.chmod(`${directory}/${name}`, 0o755);
  };
  await script("roost", `#!/bin/sh\nexec ${server.command([]).map((word) => `'${word}'`).join(" ")} "$@"\n`);
  await script(
    "relay",
    `#!/usr/bin/python3
import json, socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(${JSON.stringify(`${directory}/relay.socket`)})
peer.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n" + sys.stdin.buffer.read())
peer.shutdown(socket.SHUT_WR)
sys.exit(int(peer.recv(10)))
`,
  );
  const listener = Deno.listen({ transport: "unix", path: `${directory}/relay.socket` });
  await Deno.chmod(`${directory}/relay.socket`, 0o666);
  (async () => {
    for await (const connection of listener) {
      using peer = connection;
      const buffer = new Uint8Array(4096);
      let text = "";
      for (let size; (size = await peer.read(buffer)) !== null;) {
        text += new TextDecoder().decode(buffer.subarray(0, size));
      }
      const end = text.indexOf("\n");
      const { code } = await server.roost(JSON.parse(text.slice(0, end)), text.slice(end + 1));
      await peer.write(new TextEncoder().encode(String(code)));
    }
  })();
  return listener;
}

/** All messages of a mailbox, read beside the running server. */
async function mailOf(server: TestServer, address: string, mailbox?: string): Promise<string[]> {
  const store = await openStore({ dataDir: server.dataDir, quotaBytes: 0, quotaMessages: 0 });
  try {
    const account = await store.directory.find(address);
    assert(account);
    return await messagesIn(store.mail(account.id), mailbox);
  } finally {
    await store.close();
  }
}

Deno.test({
  name: "docs/postfix.md: Postfix delivers by LMTP and by roost deliver",
  ignore: !required && (missing.length > 0 || Deno.uid() !== 0),
  async fn() {
    assert.deepEqual(missing, [], "not installed, but ROOST_REQUIRE_CLIENTS=1");
    await using postfix = await Postfix.prepare();
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr as Deno.NetAddr;
    free.close();
    const { queue, directory } = postfix;
    const rest = blocks([
      ["/var/spool/postfix", queue],
      ["-o roost", "-o root"],
      ["user=roost", "user=nobody"],
      ["/usr/local/bin/roost", `${directory}/relay`],
      ["address: 192.0.2.10, port: 24", `address: 127.0.0.1, port: ${port}`],
      ["192.0.2.10:24", `127.0.0.1:${port}`],
      ["192.0.2.0/24", "127.0.0.0/8"],
    ]);
    const next = (kind: string): string => {
      const block = rest.shift();
      assert.equal(block?.kind, kind);
      return block?.text ?? "";
    };
    const listeners = rest.filter(({ kind }) => kind === "yaml").flatMap(({ text }) => parse(text).listeners);
    await postfix.run(["sh", "-ec", next("sh")]);
    await using server = await startServer({
      config: { listeners: [...listeners, { protocol: "imap", port: 0 }, { protocol: "imaps", port: 0 }] },
    });
    using _relay = await makePrograms(directory, server);
    const shell = async (script: string) => {
      const text = script.replaceAll("/etc/roost.yaml", server.configFile);
      return await postfix.run(["sh", "-ec", `PATH=${directory}:$PATH\n${text}`]);
    };
    await server.addAccounts(["ann", "bob"].map((name) => ({ address: `${name}@example.org`, password: "secret" })));
    assert.equal(parse(next("yaml")).listeners.length, 1);
    assert.match(await shell(next("sh")), /configuration is valid/);
    assert.match(await shell(next("sh")), /^<- {2}250 2\.0\.0 Delivered$/m);

    await postfix.start();
    const reload = async () => {
      const before = (await postfix.log()).length;
      await shell("postfix reload");
      await postfix.logged(new RegExp(`^[^]{${before}}[^]*reload -- version`));
    };
    await postfix.write("main.cf", next("ini main.cf"));
    await shell(next("sh"));
    await reload();
    await shell(next("sh"));
    await postfix.logged(
      /to=<ann@example\.org>, relay=mx\.example\.org\[roost\/lmtp\].* status=sent \(250 2\.0\.0 Delivered\)/,
    );
    const [direct, sent] = await mailOf(server, "ann@example.org");
    assert.match(direct, /^Return-Path: <root@example\.org>\r\nDelivered-To: ann@example\.org\r\nDate: /);
    assert.match(
      sent,
      /^Return-Path: <root@example\.org>\r\nDelivered-To: ann@example\.org\r\nReceived: by mx\.[^]*\r\n\r\nhello\r\n$/,
    );

    // What other servers do: recipients that are there and not there, and one that is a folder.
    const swaks = ["swaks", "--server", `127.0.0.1:${postfix.port}`, "--from", "ed@example.net"];
    await postfix.run([...swaks, "--to", "ann+archive@example.org,bob@example.org", "--header", "Subject: two"]);
    const refused = /^<\*\* 550 5\.1\.1 .*undeliverable address: .*There is no such mailbox here/m;
    await assert.rejects(postfix.run([...swaks, "--to", "nobody@example.org"]), refused);
    await postfix.logged(/to=<bob@example\.org>.* status=sent/);
    await postfix.logged(/to=<ann\+archive@example\.org>.* status=sent/);
    assert.equal((await mailOf(server, "bob@example.org")).length, 1);
    assert.equal((await mailOf(server, "ann@example.org", "Archive")).length, 1);

    // A server that is killed gets its mail when it is back.
    await server.kill();
    await postfix.run(["sendmail", "-f", "ed@example.net", "bob@example.org"], "Subject: later\n\nlater\n");
    await postfix.logged(/to=<bob@example\.org>.* status=deferred/);
    await server.restart();
    await postfix.run(["postqueue", "-f"]);
    await postfix.logged(/status=deferred[^]*to=<bob@example\.org>.* status=sent/);
    assert.match((await mailOf(server, "bob@example.org"))[1], /^Subject: later\r$/m);

    assert.equal(parse(next("yaml")).listeners.length, 1);
    await postfix.write("main.cf", next("ini main.cf"));
    await reload();
    await postfix.run(["sendmail", "-f", "ed@example.net", "bob@example.org"], "Subject: TCP\n\n");
    await postfix.logged(
      new RegExp(`to=<bob@example\\.org>, relay=127\\.0\\.0\\.1\\[127\\.0\\.0\\.1\\]:${port}, .* status=sent`),
    );

    await postfix.write("master.cf", next("ini master.cf"));
    await postfix.write("main.cf", next("ini main.cf"));
    await reload();
    await postfix.run(["sendmail", "-f", "", "bob+nothing@example.org"], "Subject: pipe\n\npipe\n");
    await postfix.logged(/to=<bob\+nothing@example\.org>, relay=roost, .* status=sent/);
    const piped = (await mailOf(server, "bob@example.org")).at(-1) ?? "";
    assert.match(
      piped,
      /^Return-Path: <>\r\nDelivered-To: bob\+nothing@example\.org\r\n[^]*\r\nSubject: pipe\r\n[^]*\r\npipe\r\n$/,
    );
    await postfix.run(["sendmail", "-f", "", "gone@example.org"], "Subject: pipe\n\n");
    await postfix.logged(/to=<gone@example\.org>, relay=roost, .* dsn=5\.1\.1, status=bounced/);
    assert.deepEqual(rest, []);
    assert.equal(await server.stop(), 0);
    assert.deepEqual(server.takeErrors(), []);
  },
});
