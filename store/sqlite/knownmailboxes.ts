/**
 * An account's mailboxes as they were read last. Nearly every command names one, and nearly none changes them.
 *
 * Invariant: they count for as long as no other connection has committed anything; what this one does to them is forgotten by who commits
 * it (`Transaction.relisted`).
 */
import type { Mailbox } from "../store.ts";
import type { MailboxName } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { listMailboxes, mailboxNamed } from "./mailboxes.ts";

/** Longer lists are read each time. */
const MOST = 1000;

export class KnownMailboxes {
  readonly #byName = new Map<string, Mailbox>();
  #all: readonly Mailbox[] | undefined;
  /** As of which opening of the database, and which commit of others. */
  #generation = -1;
  #version = -1;

  /** @param generation of the database, see AccountHandle */
  named(db: AccountDatabase, generation: number, name: MailboxName): Mailbox | undefined {
    this.#refresh(db, generation);
    const known = this.#byName.get(name);
    if (known) return known;
    const mailbox = mailboxNamed(db, name);
    if (mailbox && this.#byName.size < MOST) this.#byName.set(name, mailbox);
    return mailbox;
  }

  all(db: AccountDatabase, generation: number): readonly Mailbox[] {
    this.#refresh(db, generation);
    if (this.#all) return this.#all;
    const all = listMailboxes(db);
    if (all.length <= MOST) this.#all = all;
    return all;
  }

  #refresh(db: AccountDatabase, generation: number): void {
    const version = db.dataVersion();
    if (generation === this.#generation && version === this.#version) return;
    this.forget();
    this.#generation = generation;
    this.#version = version;
  }

  forget(): void {
    this.#byName.clear();
    this.#all = undefined;
  }
}
