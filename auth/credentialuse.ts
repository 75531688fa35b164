/** Notes when a credential was used last, at most once a minute for each, and off the login's way. */
import { getLogger } from "@logtape/logtape";
import type { Directory } from "../store/store.ts";
import { BoundedMap } from "./bounded.ts";

const log = getLogger(["roost", "auth"]);

const EVERY = 60_000;

/** Most credentials whose last note is remembered. */
const CAPACITY = 10_000;

export type Credential = Parameters<Directory["credentialUsed"]>[0];

export class CredentialUse {
  readonly #directory: Directory;
  readonly #now: () => number;
  /** When it was noted, by credential. */
  readonly #noted = new BoundedMap<number>(CAPACITY);

  /** @param now milliseconds that only ever grow */
  constructor(directory: Directory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  note(credential: Credential, remote: string): void {
    const key = "appPassword" in credential ? `password ${credential.appPassword}` : `key ${credential.clientKey}`;
    const now = this.#now();
    const noted = this.#noted.get(key);
    if (noted !== undefined && now - noted < EVERY) return;
    this.#noted.set(key, now);
    this.#directory.credentialUsed(credential, Math.floor(Date.now() / 1000), remote).catch((error) => {
      log.warning("the last use of a credential could not be noted: {error}", { error });
    });
  }
}
