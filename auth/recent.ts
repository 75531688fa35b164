/**
 * Passwords that were right a short while ago, so that a client that logs in again and again does not cost a key derivation
 * each time. What is kept is an HMAC under a key that lives and dies with the process, bound to the stored secret: when the
 * secret changes, in whatever process, the entry no longer fits.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccountId } from "../store/types.ts";

export class RecentPasswords {
  readonly #key = randomBytes(32);
  readonly #marks = new Map<AccountId | undefined, Uint8Array>();

  constructor(readonly capacity = 10_000) {}

  /** A mark that fits only this password with this stored secret. */
  mark(secret: string, password: string): Uint8Array {
    // The length keeps the two texts apart.
    return createHmac("sha256", this.#key).update(`${secret.length}:${secret}${password}`).digest();
  }

  /** Whether the mark is the account's last good one. An undefined account has none, and takes as long. */
  has(account: AccountId | undefined, mark: Uint8Array): boolean {
    const known = this.#marks.get(account);
    return timingSafeEqual(known ?? new Uint8Array(mark.length), mark) && known !== undefined;
  }

  add(account: AccountId, mark: Uint8Array): void {
    this.#marks.delete(account);
    this.#marks.set(account, mark);
    if (this.#marks.size <= this.capacity) return;
    for (const oldest of this.#marks.keys()) {
      this.#marks.delete(oldest);
      break;
    }
  }
}
