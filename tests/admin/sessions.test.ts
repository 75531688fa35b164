import assert from "node:assert/strict";
import { startServer, type TestServer } from "../support/server.ts";
import { converse } from "./cli.ts";

const ADDRESS = "ann@example.org";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  await using server = await startServer();
  if (server.foreign) return;
  await server.addAccounts([{ address: ADDRESS, password: "secret" }, { address: "bob", password: "secret" }]);
  await run(server);
  assert.deepEqual(server.takeErrors(), []);
}

async function login(server: TestServer, address = ADDRESS): Promise<Deno.Conn> {
  const client = await Deno.connect({ port: server.imapPort });
  await converse(client, "", /\r\n$/);
  await converse(client, `a login ${address} secret\r\n`, /^a OK/m);
  return client;
}

/** Runs a command that must succeed. @returns what it printed */
async function roost(server: TestServer, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.roost(args);
  assert.equal(code, 0, stderr);
  return text(stdout);
}

const list = async (server: TestServer, ...args: string[]) =>
  JSON.parse(await roost(server, "sessions", ...args, "--json")) as Record<string, unknown>[];

/** All that comes until the server hangs up. */
async function rest(client: Deno.Conn): Promise<string> {
  return await new Response(client.readable).text();
}

Deno.test("sessions tells who is connected, with what, since when and where", () =>
  withServer(async (server) => {
    const [ann, bob] = [await login(server), await login(server, "bob")];
    await converse(ann, 'b id ("name" "a program" "version" "2")\r\nc select INBOX\r\n', /^c OK/m);
    await converse(ann, "d idle\r\n", /^\+/m);
    const stranger = await Deno.connect({ port: server.imapPort });
    await converse(stranger, "", /\r\n$/);
    const all = await list(server);
    assert.deepEqual(all.map(({ account }) => account), [ADDRESS, "bob", null]);
    const { since, idle, worker, ...facts } = all[0];
    assert.deepEqual(facts, {
      id: "1",
      protocol: "imap",
      account: ADDRESS,
      remote: "127.0.0.1",
      tls: "",
      program: "a program/2",
      mailbox: "INBOX",
    });
    assert.match(String(since), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(typeof idle, "number");
    assert.equal(typeof worker, "number");
    assert.deepEqual((await list(server, "BOB")).map(({ id }) => id), ["2"]);
    const lines = (await roost(server, "sessions")).trimEnd().split("\n").map((line) => line.split("\t"));
    assert.deepEqual(lines.map(([id, account, remote]) => [id, account, remote]), [
      ["1", ADDRESS, "127.0.0.1"],
      ["2", "bob", "127.0.0.1"],
      ["3", "-", "127.0.0.1"],
    ]);
    for (const client of [ann, bob, stranger]) client.close();
  }));

Deno.test("a session is ended by its number, those of an account by its address: each gets BYE", () =>
  withServer(async (server) => {
    const [ann, again, bob] = [await login(server), await login(server), await login(server, "bob")];
    await converse(again, "b idle\r\n", /^\+/m);
    assert.equal(await roost(server, "sessions", "end", "3"), "1 sessions ended\n");
    assert.match(await rest(bob), /^\* BYE the administrator has ended this session\r\n$/);
    assert.equal(await roost(server, "sessions", "end", ADDRESS), "2 sessions ended\n");
    for (const client of [ann, again]) assert.match(await rest(client), /^\* BYE the administrator/m);
    assert.deepEqual(await list(server), []);
    const gone = await server.roost(["sessions", "end", "3"]);
    assert.deepEqual([gone.code, gone.stderr], [1, "roost: there is no session 3\n"]);
    const nobody = await server.roost(["sessions", "end", "nobody"]);
    assert.deepEqual([nobody.code, nobody.stderr], [1, "roost: there is no account nobody\n"]);
  }));

Deno.test("who is disabled or removed, or whose domain is, is thrown out at once; a new password does so if asked", () =>
  withServer(async (server) => {
    const password = async (...options: string[]) => {
      const { code, stdout } = await server.roost(
        ["account", "passwd", ADDRESS, "--password-stdin", ...options],
        "secret",
      );
      assert.equal(code, 0);
      return text(stdout);
    };
    const stays = await login(server);
    assert.equal(await password(), "");
    await converse(stays, "b noop\r\n", /^b OK/m);
    assert.equal(await password("--end-sessions"), "1 sessions ended\n");
    assert.match(await rest(stays), /^\* BYE/m);
    for (
      const [close, open] of [
        [["account", "disable", ADDRESS], ["account", "enable", ADDRESS]],
        [["account", "remove", ADDRESS], ["account", "restore", ADDRESS]],
        [["domain", "disable", "example.org"], ["domain", "enable", "example.org"]],
      ]
    ) {
      if (close[0] === "domain") await roost(server, "domain", "add", "example.org");
      const [ann, bob] = [await login(server), await login(server, "bob")];
      assert.equal(await roost(server, ...close), "1 sessions ended\n");
      assert.match(await rest(ann), /^\* BYE/m);
      const client = await Deno.connect({ port: server.imapPort });
      await converse(client, "", /\r\n$/);
      assert.match(await converse(client, `a login ${ADDRESS} secret\r\n`, /^a /m), /^a NO \[CONTACTADMIN\] /m);
      client.close();
      await converse(bob, "b noop\r\n", /^b OK/m);
      bob.close();
      await roost(server, ...open);
      (await login(server)).close();
    }
  }));

Deno.test("without a running server there are no sessions, also after one was killed", () =>
  withServer(async (server) => {
    await server.kill();
    for (const args of [["sessions", "--json"], ["sessions", "list", ADDRESS, "--json"]]) {
      const { code, stdout, stderr } = await server.roost(args);
      assert.deepEqual([code, text(stdout), stderr], [0, "[]\n", "roost: no server runs on this data\n"]);
    }
    const end = await server.roost(["sessions", "end", ADDRESS]);
    assert.deepEqual([end.code, text(end.stdout)], [0, "0 sessions ended\n"]);
    assert.equal((await server.roost(["sessions", "end", "1"])).code, 1);
    assert.equal(await roost(server, "account", "disable", ADDRESS), "");
    await server.restart();
    assert.deepEqual(await list(server), []);
  }));
