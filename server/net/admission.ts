/**
 * How many connections an address may open, in a minute and at a time, and how many an account may have from it.
 *
 * Invariants: what was admitted is released exactly once; memory is bounded by the open connections and by MAX_RATES, however many
 * addresses come.
 */
import { addressClasses } from "../../auth/addressclasses.ts";
import { BoundedMap } from "../../auth/bounded.ts";
import type { AccountId } from "../../store/types.ts";

/** 0 turns a limit off. */
export interface AdmissionLimits {
  /** New connections of an address; three and nine times that of the networks around it. */
  readonly connectionsPerMinute: number;
  /** Open connections of an address; three and nine times that of the networks around it. */
  readonly connectionsPerAddress: number;
  /** Open connections of an account from one address. */
  readonly connectionsPerAccount: number;
}

export interface Admitted {
  /** The connection has ended; harmless when told again. */
  release(): void;
}

export interface Refused {
  /** Why, in words that the client may be told. */
  readonly refused: string;
}

const MINUTE = 60_000;
/** Address classes whose rates are remembered; the ones not seen for longest are forgotten. */
const MAX_RATES = 100_000;

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #open = new Map<string, number>();
  readonly #accounts = new Map<string, number>();
  /** Connections of this minute and of the one before, by address class. */
  #rates = new BoundedMap<number>(MAX_RATES);
  #ratesBefore = new BoundedMap<number>(MAX_RATES);
  #minute = 0;

  /** @param now a clock in milliseconds */
  constructor(limits: AdmissionLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Asks for a connection from an IP address; "local" always gets one. */
  connect(remote: string): Admitted | Refused {
    const { connectionsPerMinute, connectionsPerAddress } = this.#limits;
    const classes = addressClasses(remote);
    const past = this.#turn();
    for (const { key, factor } of classes) {
      if (connectionsPerAddress > 0 && (this.#open.get(key) ?? 0) >= connectionsPerAddress * factor) {
        return { refused: "Too many connections from your address" };
      }
      const rate = (this.#rates.get(key) ?? 0) + (this.#ratesBefore.get(key) ?? 0) * past;
      if (connectionsPerMinute > 0 && rate >= connectionsPerMinute * factor) {
        return { refused: "Too many connections from your address in a short time, try again later" };
      }
    }
    for (const { key } of classes) {
      if (connectionsPerMinute > 0) this.#countRate(key);
      if (connectionsPerAddress > 0) count(this.#open, key);
    }
    return once(() => {
      if (connectionsPerAddress > 0) { for (const { key } of classes) uncount(this.#open, key); }
    });
  }

  /** Asks for a session of the account from the address; "local" always gets one. */
  account(remote: string, account: AccountId): Admitted | Refused {
    const most = this.#limits.connectionsPerAccount;
    const [narrowest] = addressClasses(remote);
    if (most === 0 || !narrowest) return once(() => {});
    const key = `${account} ${narrowest.key}`;
    if ((this.#accounts.get(key) ?? 0) >= most) {
      return { refused: "Too many connections of this account from your address" };
    }
    count(this.#accounts, key);
    return once(() => uncount(this.#accounts, key));
  }

  /** Moves on to the current minute; gives the part of the one before that is within the last 60 s. */
  #turn(): number {
    const now = this.#now();
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.#minute) {
      this.#ratesBefore = minute === this.#minute + 1 ? this.#rates : new BoundedMap(MAX_RATES);
      this.#rates = new BoundedMap(MAX_RATES);
      this.#minute = minute;
    }
    return 1 - (now % MINUTE) / MINUTE;
  }

  #countRate(key: string): void {
    this.#rates.set(key, (this.#rates.get(key) ?? 0) + 1);
  }
}

function once(release: () => void): Admitted {
  let released = false;
  return {
    release() {
      if (!released) release();
      released = true;
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function uncount(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
