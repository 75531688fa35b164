import assert from "node:assert/strict";
import { askServer } from "../../server/control/client.ts";
import { type Controlled, openControl } from "../../server/control/server.ts";
import type { SessionFacts } from "../../server/control/protocol.ts";
import type { AccountId } from "../../store/types.ts";

const facts = (id: number): SessionFacts => ({
  id: String(id),
  protocol: "imaps",
  account: "ann@example.org",
  remote: "192.0.2.7",
  since: 1_700_000_000,
  tls: "TLSv1.3",
  program: "a program/1.0 (\u202e\n)",
  mailbox: "Entw\u00fcrfe",
  idle: 3,
  worker: 2,
});

interface Server {
  readonly dataDir: string;
  readonly path: string;
  readonly asked: string[];
  close(): Promise<void>;
}

function controlTest(
  name: string,
  run: (server: Server) => Promise<void>,
  { below = "", controlled = {} }: { below?: string; controlled?: Partial<Controlled> } = {},
): void {
  Deno.test(name, async () => {
    const top = await Deno.makeTempDir({ prefix: "roost-control-" });
    const dataDir = top + below;
    await Deno.mkdir(dataDir, { recursive: true });
    const asked: string[] = [];
    const control = await openControl(dataDir, {
      sessions(account?: AccountId) {
        asked.push(`sessions ${account}`);
        return Promise.resolve([facts(1), facts(2)]);
      },
      endAccount: (account) => Promise.resolve(asked.push(`endAccount ${account}`)),
      endSession: (id) => Promise.resolve(asked.push(`endSession ${id}`)),
      ...controlled,
    });
    assert(control);
    try {
      await run({ dataDir, path: control.path, asked, close: () => control.close() });
    } finally {
      await control.close().catch(() => {}); // a test may have closed it
      await Deno.remove(top, { recursive: true });
      if (!control.path.startsWith(top)) await Deno.remove(control.path.replace(/\/control$/, ""), { recursive: true });
    }
  });
}

/** What comes back for bytes that no client of ours would send. */
async function raw(path: string, bytes: string): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode(bytes)).catch(() => 0); // it may hang up in the midst
  await connection.closeWrite().catch(() => {});
  return await new Response(connection.readable).text().catch(() => "");
}

controlTest("sessions are listed, of all accounts or of one, and ended", async ({ dataDir, asked }) => {
  assert.deepEqual(await askServer(dataDir, { do: "sessions" }), { sessions: [facts(1), facts(2)], count: 2 });
  await askServer(dataDir, { do: "sessions", account: 7 });
  assert.deepEqual(await askServer(dataDir, { do: "endAccount", account: 7 }), { sessions: [], count: 3 });
  await askServer(dataDir, { do: "endSession", session: "12" });
  assert.deepEqual(asked, ["sessions undefined", "sessions 7", "endAccount 7", "endSession 12"]);
});

controlTest("only the server's user can connect", async ({ path }) => {
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  assert.equal((await Deno.stat(path.replace(/\/control$/, ""))).mode! & 0o077, 0);
});

controlTest("a data directory whose path is too long for a socket works, too", async ({ dataDir, path }) => {
  assert.ok(path.length <= 107 && !path.startsWith(dataDir));
  assert.equal((await askServer(dataDir, { do: "sessions" }))?.count, 2);
}, { below: `/${"long".repeat(30)}` });

controlTest("ten thousand sessions come whole", async ({ dataDir }) => {
  const answer = await askServer(dataDir, { do: "sessions" });
  assert.equal(answer?.sessions.length, 10_000);
  assert.equal(answer?.sessions[9999].id, "9999");
}, {
  controlled: {
    sessions: async () => Array.from({ length: 10_000 }, (_, id) => facts(id)),
  },
});

controlTest("without a server there is no answer; its socket goes with it", async ({ dataDir, path, close }) => {
  await close();
  assert.equal(await askServer(dataDir, { do: "sessions" }), undefined);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  assert.equal(await askServer(`${dataDir}/none`, { do: "sessions" }), undefined);
});

controlTest("what is no request gets one clear line, and the next one is served", async ({ dataDir, path, asked }) => {
  const fault = '{"fault":"the server does not know this request: are both of the same version?"}\n';
  for (
    const bytes of [
      "\n",
      "GET / HTTP/1.1\r\n\r\n",
      '{"do":"sessions","account":"7"}\n',
      '{"do":"sessions","account":-1}\n',
      '{"do":"endAccount"}\n',
      '{"do":"endSession","session":7}\n',
      '{"do":"stop"}\n',
      '{"do":"sessions","__proto__":{"account":7}}\n',
      `${"[".repeat(4000)}\n`,
      "\xff\xfe\0\n",
    ]
  ) {
    assert.equal(await raw(path, bytes), fault, bytes.slice(0, 60));
  }
  // No line at all, or one without an end: hung up.
  assert.equal(await raw(path, ""), "");
  assert.equal(await raw(path, "x".repeat(100_000)), "");
  assert.deepEqual(asked, []);
  assert.equal((await askServer(dataDir, { do: "sessions" }))?.count, 2);
});

controlTest("who connects and says nothing does not keep others out", async ({ dataDir, path }) => {
  const silent: Deno.UnixConn[] = [];
  for (let i = 0; i < 63; i++) silent.push(await Deno.connect({ transport: "unix", path }));
  assert.equal((await askServer(dataDir, { do: "sessions" }))?.count, 2);
  for (const connection of silent) connection.close();
});

controlTest("a fault of the server is told without its details", async ({ dataDir }) => {
  await assert.rejects(askServer(dataDir, { do: "endAccount", account: 1 }), {
    message: "the server could not do this; its log says why",
  });
}, { controlled: { endAccount: () => Promise.reject(new Error("secret")) } });

controlTest("a second server with the same data leaves the first one's socket alone", async ({ dataDir }) => {
  assert.equal(await openControl(dataDir, {} as Controlled), undefined);
  assert.equal((await askServer(dataDir, { do: "sessions" }))?.count, 2);
});

Deno.test("the socket of a killed server is replaced; what is no socket is left", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "roost-control-" });
  const code = `Deno.mkdirSync(${JSON.stringify(dataDir)} + "/run", { mode: 0o700 });
    Deno.listen({ transport: "unix", path: ${JSON.stringify(dataDir)} + "/run/control" }); Deno.exit(0)`;
  await new Deno.Command(Deno.execPath(), { args: ["eval", "--unstable-net", code] }).output();
  assert.ok((await Deno.lstat(`${dataDir}/run/control`)).isSocket);
  assert.equal(await askServer(dataDir, { do: "sessions" }), undefined);
  await Deno.writeTextFile(`${dataDir}/run/control.new`, "half made");
  const control = await openControl(dataDir, {
    sessions: async () => [],
    endAccount: async () => 0,
    endSession: async () => 0,
  });
  assert.deepEqual(await askServer(dataDir, { do: "sessions" }), { sessions: [], count: 0 });
  await control?.close();
  await Deno.writeTextFile(`${dataDir}/run/control`, "mine");
  assert.equal(await openControl(dataDir, {} as Controlled), undefined);
  assert.equal(await Deno.readTextFile(`${dataDir}/run/control`), "mine");
  await Deno.remove(dataDir, { recursive: true });
});
