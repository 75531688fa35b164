/**
 * Login attempts: each is counted and, where it failed, logged at once, and kept in the directory.
 *
 * Nobody waits for the directory: attempts are collected and written in batches, each after 0.75 to 1 s. Until then a client may
 * still say by ID what it is. What clients send is bounded before it is remembered, and so is how much waits; what cannot be
 * written is lost, and the log says so.
 */
import { getLogger } from "@logtape/logtape";
import type { Client, Login, Tried } from "../auth/types.ts";
import { AuthError } from "../auth/types.ts";
import { shortText } from "../store/shorttext.ts";
import type { AttemptGroup, Directory } from "../store/store.ts";
import * as metrics from "./metrics.ts";

const log = getLogger(["roost", "auth"]);

/** How old an attempt is when it is written, in ms; and how often it is looked whether there is one. */
const WRITE_AFTER = 750;
const EVERY = 250;

/** Most attempts that wait; at more than so many a second the rest is only logged. */
const MOST_WAITING = 20_000;

/** Bytes of UTF-8 that are kept of a name (RFC 5321 §4.5.3.1) and of what a client calls itself. */
const MAX_USER = 320;
const MAX_USER_AGENT = 200;

/** The way in of one connection. */
export interface ConnectionAttempts {
  /** What the client says it is (RFC 2971): counts for attempts to come and those of the last moment. */
  userAgent(text: string): void;
  /** That, shortened; "" for nothing so far. */
  readonly agent: string;
  /** Once for each attempt. `mechanism`: the SASL mechanism, "LOGIN" or "preauth". */
  done(mechanism: string, outcome: Login | AuthError): void;
}

/** Time, for tests. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** @returns what cancels it */
  after(ms: number, work: () => void): () => void;
}

const clock: Clock = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

interface Waiting {
  readonly since: number;
  readonly attempt: Omit<AttemptGroup, "userAgent">;
  readonly agent: { text: string };
}

export class Attempts {
  readonly #directory: Pick<Directory, "recordAttempts">;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  /** Those that are being written. */
  #underway = 0;
  #lost = 0;
  #written: Promise<void> = Promise.resolve();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(directory: Pick<Directory, "recordAttempts">, options: { clock?: Clock } = {}) {
    this.#directory = directory;
    this.#clock = options.clock ?? clock;
  }

  /** @param client as it is at each attempt: STARTTLS changes it */
  begin(client: Client): ConnectionAttempts {
    return new OfConnection(this, client);
  }

  /** Records one; what the client is may still become known. */
  done(attempt: Waiting["attempt"], agent: Waiting["agent"]): void {
    this.#add({ since: this.#clock.now(), attempt, agent });
  }

  #add(waiting: Waiting): void {
    if (this.#closed) return;
    if (this.#waiting.length + this.#underway >= MOST_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting.push(waiting);
    this.#cancel ??= this.#clock.after(EVERY, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    const until = this.#clock.now() - WRITE_AFTER;
    const young = this.#waiting.findIndex(({ since }) => since > until);
    this.#write(young < 0 ? this.#waiting.length : young);
    if (this.#waiting.length > 0) this.#cancel = this.#clock.after(EVERY, () => this.#look());
  }

  /** Writes the first so many, after those before them. */
  #write(count: number): void {
    if (count === 0) return;
    const groups = grouped(this.#waiting.splice(0, count));
    this.#underway += count;
    const lost = this.#lost;
    this.#lost = 0;
    this.#written = this.#written.then(() => this.#record(groups)).finally(() => this.#underway -= count);
    if (lost > 0) log.warning("login attempts were too many to be recorded", { count: lost });
  }

  async #record(groups: readonly AttemptGroup[]): Promise<void> {
    try {
      await this.#directory.recordAttempts(groups);
    } catch (error) {
      log.error("login attempts could not be recorded: {error}", { groups: groups.length, error });
    }
  }

  /** Writes what waits. What sessions do that were cut off is only logged from here on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#write(this.#waiting.length);
    await this.#written;
  }
}

class OfConnection implements ConnectionAttempts {
  readonly #attempts: Attempts;
  readonly #client: Client;
  readonly #agent = { text: "" };

  constructor(attempts: Attempts, client: Client) {
    this.#attempts = attempts;
    this.#client = client;
  }

  get agent(): string {
    return this.#agent.text;
  }

  userAgent(text: string): void {
    this.#agent.text = shortText(text, MAX_USER_AGENT);
  }

  done(mechanism: string, outcome: Login | AuthError): void {
    const result = outcome instanceof AuthError ? outcome.kind : "ok";
    metrics.loginDone(mechanism, result);
    const attempt = describe(this.#client, mechanism, result, outcome);
    if (outcome instanceof AuthError) logFailure(attempt);
    this.#attempts.done(attempt, this.#agent);
  }
}

function describe(
  client: Client,
  mechanism: string,
  result: string,
  outcome: Login | AuthError,
): Omit<AttemptGroup, "userAgent"> {
  const { remote, scope, secure, tls } = client;
  const at = Math.floor(Date.now() / 1000);
  const tried: Tried = outcome instanceof AuthError
    ? outcome
    : { user: outcome.account.address, account: outcome.account.id };
  return {
    account: tried.account ?? null,
    user: shortText(tried.user ?? "", MAX_USER),
    remote,
    protocol: scope,
    mechanism,
    tls: tls?.version ?? (secure && remote !== "local" ? "TLS" : ""),
    cipher: tls?.cipher ?? "",
    clientKey: tls?.clientKey ?? "",
    appPassword: outcome instanceof AuthError ? "" : outcome.appPassword ?? "",
    result,
    first: at,
    last: at,
    count: 1,
  };
}

/** fail2ban reads this line (contrib/fail2ban): nothing that the client chose may come before its end. */
function logFailure({ remote, protocol, mechanism, result, tls, user }: Omit<AttemptGroup, "userAgent">): void {
  log.info("login failed", { remote, protocol, mechanism, reason: result, tls, user });
}

/** Equal ones become one; the order is that of their first. */
function grouped(waiting: readonly Waiting[]): AttemptGroup[] {
  const groups = new Map<string, AttemptGroup>();
  for (const { attempt, agent } of waiting) {
    const { first, last, count: _, ...same } = { ...attempt, userAgent: agent.text };
    const key = JSON.stringify(Object.values(same));
    const known = groups.get(key);
    groups.set(
      key,
      known
        ? { ...known, first: Math.min(known.first, first), last: Math.max(known.last, last), count: known.count + 1 }
        : { ...same, first, last, count: 1 },
    );
  }
  return [...groups.values()];
}
