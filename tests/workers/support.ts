/** Sessions of which it is known which thread of a server has them. */
import assert from "node:assert/strict";
import { converse } from "../admin/cli.ts";
import { type ServerOptions, startServer, type TestServer } from "../support/server.ts";

export const ADDRESS = "ann@example.org";
export const PASSWORD = "secret";
const UNLIMITED = { connectionsPerAddress: 0, connectionsPerMinute: 0, connectionsPerAccount: 0 };

export interface Client extends Disposable {
  readonly conn: Deno.Conn;
  /** From 1. */
  readonly worker: number;
  /** Sends a command, without its tag; gives all up to its tagged OK. */
  ok(command: string): Promise<string>;
}

export interface Workers extends TestServer {
  /** So many connections, past their greeting, with their thread. */
  connected(count: number): Promise<Client[]>;
  /** A session of the first thread and one of the second, logged in; others are closed. */
  pair(): Promise<[Client, Client]>;
}

export function workersTest(name: string, options: ServerOptions, run: (server: Workers) => Promise<void>): void {
  Deno.test(name, async () => {
    await using server = await startServer({
      ...options,
      limits: { ...UNLIMITED, ...options.limits },
      config: { workers: 2, ...options.config },
    });
    if (server.foreign) return;
    await server.addAccount(ADDRESS, PASSWORD);
    // The second thread begins when the first one listens.
    while (!/ msg=started /.test(server.logTail(1000))) await new Promise((resolve) => setTimeout(resolve, 5));
    const connected = (count: number) => connectedTo(server, count);
    await run(Object.assign(server, { connected, pair: async () => await pairOf(await connected(20)) }));
    assert.deepEqual(server.takeErrors(), []);
  });
}

/** What `roost sessions` says. */
export async function sessionsOf(
  server: TestServer,
): Promise<{ id: string; worker: number; account: string | null }[]> {
  const { code, stdout, stderr } = await server.roost(["sessions", "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function connectedTo(server: TestServer, count: number): Promise<Client[]> {
  const before = (await sessionsOf(server)).length;
  const conns: Deno.Conn[] = [];
  for (let at = 0; at < count; at++) {
    const conn = await Deno.connect({ port: server.imapPort });
    conns.push(conn);
    await converse(conn, "", /\r\n$/);
  }
  // Connections are numbered as they begin.
  const sessions = (await sessionsOf(server)).slice(before);
  assert.equal(sessions.length, count);
  return conns.map((conn, at) => clientOf(conn, sessions[at].worker));
}

function clientOf(conn: Deno.Conn, worker: number): Client {
  let commands = 0;
  return {
    conn,
    worker,
    async ok(command) {
      const tag = `t${++commands}`;
      const text = await converse(conn, `${tag} ${command}\r\n`, new RegExp(`^${tag} .*\r\n$`, "m"));
      assert.match(text, new RegExp(`^${tag} OK`, "m"));
      return text;
    },
    [Symbol.dispose]: () => conn.close(),
  };
}

async function pairOf(clients: readonly Client[]): Promise<[Client, Client]> {
  const [one, two] = [1, 2].map((worker) => clients.find((client) => client.worker === worker));
  assert(one && two, "all connections came to one thread");
  for (const client of clients) if (client !== one && client !== two) client.conn.close();
  for (const client of [one, two]) await client.ok(`login ${ADDRESS} ${PASSWORD}`);
  return [one, two];
}
