/** One round of a scenario on one server: its connections, its clock, its figures. */
import { ImapClient } from "./imapclient.ts";
import { type Figure, median, sleep } from "./measure.ts";
import { cpuOf, memoryOf, ownCpu } from "./process.ts";
import { type BenchServer, PASSWORD, userName } from "./servers.ts";
import { connectPlain } from "./stream.ts";

/** How much is done; counts of messages unless said otherwise. */
export interface Scale {
  readonly name: "small" | "full";
  /** In the large mailbox, of short texts. */
  readonly large: number;
  /** In the mailbox that is searched and whose bodies are read, of any kind. */
  readonly middle: number;
  readonly bodies: number;
  /** Bytes of a large message. */
  readonly one: number;
  readonly appended: number;
  readonly stored: number;
  /** In a mailbox whose envelopes nobody has asked for. */
  readonly fresh: number;
  /** Connections. */
  readonly idle: readonly number[];
  readonly held: number;
  /** Seconds for which idle connections are watched at least: Dovecot takes 15 until they hibernate. */
  readonly settling: number;
  readonly fanoutRounds: number;
  readonly mixedSeconds: number;
  readonly doorSeconds: number;
  readonly handshakes: number;
}

export const SCALES: Readonly<Record<string, Scale>> = {
  small: {
    name: "small",
    large: 5_000,
    middle: 1_000,
    bodies: 500,
    one: 25 << 20,
    appended: 400,
    stored: 1_000,
    fresh: 500,
    idle: [200],
    held: 0,
    settling: 8,
    fanoutRounds: 4,
    mixedSeconds: 3,
    doorSeconds: 0.4,
    handshakes: 1_000,
  },
  full: {
    name: "full",
    large: 100_000,
    middle: 10_000,
    bodies: 5_000,
    one: 25 << 20,
    appended: 2_000,
    stored: 10_000,
    fresh: 10_000,
    idle: [1_000, 5_000],
    held: 10_000,
    settling: 20,
    fanoutRounds: 20,
    mixedSeconds: 20,
    doorSeconds: 5,
    handshakes: 100_000,
  },
};

export interface Scenario {
  readonly name: string;
  /** What is measured, for the page. */
  readonly title: string;
  /** Rounds at small and full scale. */
  readonly rounds: readonly [number, number];
  /** Needs to be known of Roost alone. */
  readonly alone?: boolean;
  /** Once on each server, before the rounds. */
  prepare?(run: Run): Promise<void>;
  measure(run: Run): Promise<void>;
}

export interface Measured {
  readonly ms: number;
  readonly clientCpu?: number;
  readonly serverCpu?: number;
}

/** Shorter work than this has no CPU share: the server's is counted in ticks of 10 ms. */
const CPU_LEAST = 100;
/** Short work is repeated for so long. */
const REPEAT = 400;
/** A server that took less than a fiftieth of a core for so long has done all that it puts off. */
const REST = 2500;
/** Nobody is waited for longer than that. */
const MOST_REST = 180_000;

export class Run {
  readonly figures: Figure[] = [];
  readonly #clients = new Set<ImapClient>();

  constructor(
    readonly server: BenchServer,
    readonly scale: Scale,
    readonly scenario: string,
    readonly round: number,
  ) {}

  /** A connection that has logged in. @param user as in `userName` */
  async login(user = 0, how: "plain" | "tls" = "plain"): Promise<ImapClient> {
    const stream = how === "tls" ? await connectTls(this.server.imapsPort) : await connectPlain(this.server.imapPort);
    const client = await ImapClient.over(stream);
    this.#clients.add(client);
    await client.login(userName(user), PASSWORD);
    return client;
  }

  async logout(...clients: readonly ImapClient[]): Promise<void> {
    await Promise.all(clients.map((client) => client.logout()));
    clients.forEach((client) => this.#clients.delete(client));
  }

  /** Closes what a scenario that failed has left open. */
  close(): void {
    this.#clients.forEach((client) => client.close());
  }

  /**
   * Waits until the server has done what it has put off, so that it takes no time from the next one.
   * @returns milliseconds of CPU that it took
   */
  async rest(): Promise<number> {
    const end = performance.now() + MOST_REST;
    const before = cpuOf(this.server.pid);
    for (let last = before;;) {
      await sleep(REST);
      const now = cpuOf(this.server.pid);
      if (now - last < REST / 50 || performance.now() > end) return now - before;
      last = now;
    }
  }

  /** Bytes that all processes of the server have. */
  memory(): number {
    return memoryOf(this.server.pid);
  }

  async measure(work: () => Promise<unknown>): Promise<Measured> {
    const [client, server] = [ownCpu(), cpuOf(this.server.pid)];
    const start = performance.now();
    await work();
    const ms = performance.now() - start;
    if (ms < CPU_LEAST) return { ms };
    return { ms, clientCpu: (ownCpu() - client) / ms, serverCpu: (cpuOf(this.server.pid) - server) / ms };
  }

  /** Work that is short, again and again; `ms` is the median. */
  async repeat(work: (number: number) => Promise<unknown>): Promise<Measured> {
    const took: number[] = [];
    const whole = await this.measure(async () => {
      for (let sum = 0; sum < REPEAT; sum += took.at(-1) ?? 0) {
        const start = performance.now();
        await work(took.length);
        took.push(performance.now() - start);
      }
    });
    return { ...whole, ms: median(took) };
  }

  /** A figure of which more is better. @param unit with "/s" at its end */
  rate(what: string, value: number, unit: string, measured?: Measured): void {
    this.#add(what, value, unit, true, measured);
  }

  /** A figure of which less is better. */
  cost(what: string, value: number, unit: string, measured?: Measured): void {
    this.#add(what, value, unit, false, measured);
  }

  #add(
    what: string,
    value: number,
    unit: string,
    rate: boolean,
    { clientCpu, serverCpu }: Partial<Measured> = {},
  ): void {
    const { scenario, round } = this;
    this.figures.push({ scenario, what, server: this.server.name, round, value, unit, rate, clientCpu, serverCpu });
  }
}

let tls: import("./tlsclient.ts").TlsClient | undefined;

/** Loads libssl when it is first wanted. */
export async function connectTls(port: number) {
  const { TlsClient } = await import("./tlsclient.ts");
  tls ??= new TlsClient("TLSv1.3");
  return await tls.connect(port);
}
