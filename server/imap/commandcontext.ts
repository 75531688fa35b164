/** What a command that runs sees of its connection. */
import type { Context } from "./command.ts";
import type { Channel, ServerContext } from "./context.ts";
import { BadError } from "./errors.ts";
import type { Meanwhile } from "./meanwhile.ts";
import type { Outbox } from "./outbox.ts";
import { Progress } from "./progress.ts";
import type { MailStore } from "../../store/store.ts";
import type { Selected } from "./selected.ts";
import type { Session } from "./session.ts";
import type { Encoder } from "./wire/encoder.ts";

/** The connection as a command's context needs it. */
export interface Speaker extends Channel {
  readonly server: ServerContext;
  readonly session: Session;
  readonly outbox: Outbox;
  readonly meanwhile: Meanwhile;
}

export class CommandContext implements Context {
  readonly server: ServerContext;
  readonly session: Session;
  readonly channel: Channel;
  readonly out: Encoder;
  readonly #outbox: Outbox;
  readonly #meanwhile: Meanwhile;
  #progress: Progress | undefined;

  /** @param begun when the command began, on the clock of performance.now() */
  constructor(speaker: Speaker, readonly tag: string, readonly uid: boolean, readonly begun = performance.now()) {
    this.server = speaker.server;
    this.session = speaker.session;
    this.channel = speaker;
    this.out = speaker.outbox.out;
    this.#outbox = speaker.outbox;
    this.#meanwhile = speaker.meanwhile;
  }

  flushed(): Promise<void> {
    return this.#outbox.flushed();
  }

  send(bytes: Uint8Array): Promise<void> {
    return this.#outbox.send(bytes);
  }

  get mail(): MailStore {
    const { mail } = this.session;
    if (!mail) throw new BadError(undefined, "log in first");
    return mail;
  }

  get selected(): Selected {
    const { selected } = this.session;
    if (!selected) throw new BadError(undefined, "select a mailbox first");
    return selected;
  }

  progress(done: number, total: number): Promise<void> {
    return this.#told.at(done, total);
  }

  working<T>(work: Promise<T>): Promise<T> {
    return this.#told.during(work);
  }

  get #told(): Progress {
    return this.#progress ??= new Progress(
      this.tag,
      this.#outbox,
      this.#meanwhile,
      this.server.progressEvery,
      this.begun,
    );
  }
}
