/**
 * Passwords that were right a short while ago, so that a client that logs in again and again does not cost a key derivation
 * each time, whichever thread it comes to. What is kept is an HMAC under a key that lives and dies with the process, bound to
 * the stored secret. Each login
 * asks the directory what secrets there are now: one that was changed, removed or has expired, in whatever process, is not
 * asked for here any more.
 */
import { createHmac, randomBytes } from "node:crypto";
import { BoundedMap } from "./bounded.ts";

/** What threads need to hear of each other's. */
export interface SharedPasswords {
  /** The same for all; 32 random bytes. */
  readonly key: Uint8Array;
  /** Tells the others of a mark. */
  tell(mark: string): void;
}

export class RecentPasswords {
  readonly #key: Uint8Array;
  readonly #tell: (mark: string) => void;
  /** Nobody outside can aim at a mark, so that a look-up need not take the same time. */
  readonly #marks: BoundedMap<true>;

  constructor(capacity = 10_000, { key, tell }: SharedPasswords = { key: randomBytes(32), tell() {} }) {
    this.#marks = new BoundedMap(capacity);
    this.#key = key;
    this.#tell = tell;
  }

  /** A mark that fits only this password with this stored secret. */
  mark(secret: string, password: string): string {
    // The length keeps the two texts apart.
    return createHmac("sha256", this.#key).update(`${secret.length}:${secret}${password}`).digest("base64");
  }

  has(mark: string): boolean {
    const known = this.#marks.get(mark) !== undefined;
    if (known) this.heard(mark);
    return known;
  }

  /** A password was found to be right. */
  add(mark: string): void {
    this.heard(mark);
    this.#tell(mark);
  }

  /** So it was by another thread. */
  heard(mark: string): void {
    this.#marks.set(mark, true);
  }
}
