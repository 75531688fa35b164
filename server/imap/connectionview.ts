/** A connection as it is seen from outside. */
import type { TlsFacts } from "../../auth/types.ts";
import type { Account } from "../../store/store.ts";
import type { Channel } from "./context.ts";
import type { Session } from "./session.ts";

/** A connection as an administrator sees it, as it is at each look. */
export interface ConnectionView {
  readonly remote: string;
  readonly secure: boolean;
  readonly tls?: TlsFacts;
  /** undefined: nobody is logged in. */
  readonly account: Account | undefined;
  /** What the client said that it is; "" for nothing. */
  readonly program: string;
  /** The selected mailbox as the client calls it. */
  readonly mailbox: string | undefined;
  /** Seconds since the client's last command ended, or since IDLE began; 0 while a command runs. */
  readonly quiet: number;
  /** What was said last is still on its way: it waits for the disk, or for the client. */
  readonly speaking: boolean;
  /** Ends the session: the client gets BYE with the reason after its running command. */
  stop(reason: string): void;
}

/** Whether a command runs; a shutdown waits for its answer. */
export class Activity {
  /** As performance.now(); undefined while a command runs. */
  #quietSince: number | undefined = performance.now();

  get busy(): boolean {
    return this.#quietSince === undefined;
  }

  /** Seconds since the last command; 0 while one runs. */
  get quiet(): number {
    return this.#quietSince === undefined ? 0 : Math.floor((performance.now() - this.#quietSince) / 1000);
  }

  begins(): void {
    this.#quietSince = undefined;
  }

  /** Also for IDLE, whose client only listens. */
  ends(): void {
    this.#quietSince = performance.now();
  }
}

/** What a view is made from; session and attempts are replaced in the connection's course. */
type Viewed = Pick<Channel, "remote" | "secure" | "tls" | "attempts"> & {
  readonly session: Session;
  readonly speaking: boolean;
  stop(reason: string): void;
};

export class LiveView implements ConnectionView {
  readonly #connection: Viewed;
  readonly #activity: Activity;

  constructor(connection: Viewed, activity: Activity) {
    this.#connection = connection;
    this.#activity = activity;
  }

  get remote(): string {
    return this.#connection.remote;
  }

  get secure(): boolean {
    return this.#connection.secure;
  }

  get tls(): TlsFacts | undefined {
    return this.#connection.tls;
  }

  get account(): Account | undefined {
    return this.#connection.session.account;
  }

  get program(): string {
    return this.#connection.attempts.agent;
  }

  get mailbox(): string | undefined {
    return this.#connection.session.selected?.place.shown;
  }

  get quiet(): number {
    return this.#activity.quiet;
  }

  get speaking(): boolean {
    return this.#connection.speaking;
  }

  stop(reason: string): void {
    this.#connection.stop(reason);
  }
}
