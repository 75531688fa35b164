/**
 * What one of the server's threads has of the others. Where it is the only one nobody is asked: it keeps everything itself.
 */
import { RecentPasswords } from "../../auth/recent.ts";
import { Throttle, type Throttling } from "../../auth/throttle.ts";
import type { AccountId } from "../../store/types.ts";
import type { Limits } from "../config/schema.ts";
import { Admission, type Admitted, type Refused } from "../net/admission.ts";
import { FailureMarks } from "./failuremarks.ts";
import type { Line } from "./line.ts";
import type { ForOthers, KeeperQuestions, Opened, Place, SharedCertificates, WorkerQuestions } from "./protocol.ts";

type KeeperLine = Line<WorkerQuestions, KeeperQuestions>;
type Asked = keyof WorkerQuestions;

/** Who lets connections in. */
export interface Admitting {
  connect(remote: string): Promise<Admitted | Refused> | Admitted | Refused;
  account(remote: string, account: AccountId): Promise<Admitted | Refused> | Admitted | Refused;
}

export class Team {
  readonly #connections: BigInt64Array;

  constructor(
    readonly line: KeeperLine,
    readonly index: number,
    readonly size: number,
    connections = new SharedArrayBuffer(8),
  ) {
    this.#connections = new BigInt64Array(connections);
  }

  /** Of the next connection: from 1, in the order in which they begin, whichever thread has them. */
  connectionNumber(): number {
    return Number(Atomics.add(this.#connections, 0, 1n)) + 1;
  }

  get alone(): boolean {
    return this.size === 1;
  }

  /** Does what is to be done once. */
  get first(): boolean {
    return this.index === 0;
  }

  /** The part of what the program may use that is this thread's. */
  get share(): number {
    return 1 / this.size;
  }

  on<N extends Asked>(name: N, answer: WorkerQuestions[N]): void {
    this.line.on(name, answer);
  }

  /** Asks the others; undefined for those that do not answer in time. */
  async others<N extends Asked>(
    ask: N,
    argument: Parameters<WorkerQuestions[N]>[0],
  ): Promise<(Awaited<ReturnType<WorkerQuestions[N]>> | undefined)[]> {
    if (this.alone) return [];
    return await this.line.ask(
      "others",
      { ask, argument } as ForOthers,
    ) as (Awaited<ReturnType<WorkerQuestions[N]>> | undefined)[];
  }

  /** Passwords that this thread, or another, has found to be right. */
  recentPasswords(key: Uint8Array): RecentPasswords {
    const recent = new RecentPasswords(undefined, { key, tell: (mark) => void this.others("rightPassword", mark) });
    this.on("rightPassword", (mark) => recent.heard(mark));
    return recent;
  }

  /** This thread listens. Resolves, for the first, when all others do. */
  async opened(ports: readonly number[], certificates: () => SharedCertificates): Promise<void> {
    if (this.alone) return;
    if (this.first) await this.line.ask("opened", { ports, certificates: certificates() } satisfies Opened);
    else this.line.tell("listening", undefined);
  }

  admission(limits: Limits): Admitting {
    if (this.alone) return new Admission(limits);
    const { connectionsPerMinute, connectionsPerAddress, connectionsPerAccount } = limits;
    const { line } = this;
    return {
      connect: async (remote) =>
        connectionsPerMinute + connectionsPerAddress === 0 ? FREE : given(line, await line.ask("connect", remote)),
      account: async (remote, account) =>
        connectionsPerAccount === 0 ? FREE : given(line, await line.ask("account", { remote, account })),
    };
  }

  /** @param failures of all threads */
  throttle({ loginFailuresPerMinute, loginFailuresPerDay }: Limits, failures: SharedArrayBuffer): Throttling {
    if (this.alone || loginFailuresPerMinute + loginFailuresPerDay === 0) {
      return new Throttle({ failuresPerMinute: loginFailuresPerMinute, failuresPerDay: loginFailuresPerDay });
    }
    const { line } = this;
    const marks = new FailureMarks(failures);
    return {
      refuses: (remote) => marks.has(remote) && line.ask("refuses", remote),
      failed(remote) {
        marks.add(remote);
        return line.ask("failed", remote);
      },
    };
  }
}

const FREE: Admitted = { release() {} };

function given(line: KeeperLine, place: Place): Admitted | Refused {
  if ("refused" in place) return place;
  let released = false;
  return {
    release() {
      if (!released) line.tell("release", place.place);
      released = true;
    },
  };
}
