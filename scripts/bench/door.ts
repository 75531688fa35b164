/** What coming in costs: TLS handshakes, logins, what logins do to those who are in, and memory after many handshakes. */
import { ImapClient, type Login } from "./imapclient.ts";
import { type Figure, quantile, rate, times } from "./measure.ts";
import { memoryOf } from "./process.ts";
import { type BenchServer, PASSWORD, userName } from "./servers.ts";
import { TlsClient, type TlsSession, type TlsVersion } from "./tlsclient.ts";

const WIDTHS = [1, 8];

/** Connect, handshake, greeting, close; with a session taken up and without. */
export async function handshakes(server: BenchServer, seconds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    using client = new Opener(server.imapsPort, version);
    for (const resumed of [false, true]) {
      if (resumed) await client.keepSession();
      for (const width of WIDTHS) {
        let taken = 0;
        let all = 0;
        const value = await rate(seconds, width, async () => {
          if (await client.once(resumed)) taken++;
          all++;
        });
        const what = `${version} ${resumed ? "with a session" : "full"}, ${width} at once`;
        figures.push({ what, server: server.name, value, unit: "handshakes/s" });
        if (resumed) {
          const part = `sessions taken up, ${what}`;
          figures.push({ what: part, server: server.name, value: taken / all * 100, unit: "%" });
        }
      }
    }
  }
  return figures;
}

/** Full TLS 1.3 handshake, greeting, login, LOGOUT. */
export async function logins(server: BenchServer, seconds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const client = new TlsClient("TLSv1.3");
  for (const how of ["LOGIN", "PLAIN", "SCRAM-SHA-256"] as const) {
    for (const width of WIDTHS) {
      const value = await rate(seconds, width, (number) => loginOnce(client, server, how, userName(number)));
      figures.push({ what: `${how}, ${width} at once`, server: server.name, value, unit: "logins/s" });
    }
  }
  client.close();
  return figures;
}

async function loginOnce(client: TlsClient, server: BenchServer, how: Login, user: string): Promise<void> {
  const connection = await client.connect(server.imapsPort);
  try {
    const imap = new ImapClient(connection);
    await imap.login(how, user, PASSWORD);
    await imap.command("LOGOUT");
  } finally {
    connection.close();
  }
}

/** How long a NOOP of somebody takes while eight others try wrong passwords without end: each costs the server a full hash. */
export async function noopDuringHashes(server: BenchServer, seconds: number): Promise<Figure[]> {
  const client = new TlsClient("TLSv1.3");
  const watcher = await client.connect(server.imapsPort);
  const imap = new ImapClient(watcher);
  await imap.login("LOGIN", userName(0), PASSWORD);
  const noops = async (until: () => boolean) => {
    const took: number[] = [];
    while (!until()) {
      const start = performance.now();
      await imap.command("NOOP");
      took.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return took;
  };
  let over = false;
  const [took] = await Promise.all([
    noops(() => over),
    rate(seconds, 8, async (number) => {
      const connection = await client.connect(server.imapsPort);
      try {
        const other = new ImapClient(connection);
        await other.line();
        await other.send(`a LOGIN ${userName(number)} wrong${number}`);
        const answer = await other.line();
        if (!answer.startsWith("a NO")) throw new Error(`NO was expected: ${answer}`);
      } finally {
        connection.close();
      }
    }).finally(() => over = true),
  ]);
  watcher.close();
  client.close();
  const name = server.name;
  return [0.5, 0.99].map((part) => ({
    what: `NOOP during wrong passwords, p${part * 100}`,
    server: name,
    value: quantile(took, part),
    unit: "ms",
  }));
}

/** Memory of the server before and after many handshakes, half of them resumed. */
export async function growth(server: BenchServer, count: number): Promise<Figure[]> {
  using client = new Opener(server.imapsPort, "TLSv1.3");
  await client.keepSession();
  const many = (number: number) => times(number, 8, async (at) => void await client.once(at % 2 === 0));
  await many(Math.ceil(count / 10)); // what is filled once and kept
  const before = memoryOf(server.pid);
  await many(count);
  const grown = memoryOf(server.pid) - before;
  const what = `memory after ${count} more handshakes`;
  return [
    { what: "memory after the first handshakes", server: server.name, value: before / 2 ** 20, unit: "MiB" },
    { what, server: server.name, value: (before + grown) / 2 ** 20, unit: "MiB" },
  ];
}

/** Opens connections to one port, and can take a session up again. */
class Opener {
  readonly #client: TlsClient;
  #session: TlsSession = null;

  constructor(readonly port: number, version: TlsVersion) {
    this.#client = new TlsClient(version);
  }

  /** Keeps the session of a new connection. */
  async keepSession(): Promise<void> {
    const connection = await this.#client.connect(this.port);
    await new ImapClient(connection).line();
    this.#session = connection.session();
    connection.close();
  }

  /** @returns whether the session was taken up */
  async once(resumed: boolean): Promise<boolean> {
    const connection = await this.#client.connect(this.port, resumed ? this.#session : null);
    try {
      await new ImapClient(connection).line();
      return connection.resumed;
    } finally {
      connection.close();
    }
  }

  [Symbol.dispose](): void {
    if (this.#session) this.#client.freeSession(this.#session);
    this.#client.close();
  }
}
