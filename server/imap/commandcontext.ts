/** What a command that runs sees of its connection. */
import type { Context } from "./command.ts";
import type { Channel, ServerContext } from "./context.ts";
import { BadError } from "./errors.ts";
import { Progress } from "./progress.ts";
import type { MailStore } from "../../store/store.ts";
import type { Selected } from "./selected.ts";
import type { Session } from "./session.ts";
import type { Encoder } from "./wire/encoder.ts";

/** The connection as a command's context needs it. */
export interface Speaker extends Channel {
  readonly server: ServerContext;
  readonly session: Session;
  readonly out: Encoder;
  /** Sends what is in `out`. */
  readonly flush: () => Promise<void>;
  /** Sends it when it is much. */
  readonly flushed: () => Promise<void>;
  /** Sends what is in `out`, then the bytes. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
}

export class CommandContext implements Context {
  readonly server: ServerContext;
  readonly session: Session;
  readonly channel: Channel;
  readonly out: Encoder;
  readonly flushed: () => Promise<void>;
  readonly send: (bytes: Uint8Array) => Promise<void>;
  readonly #flush: () => Promise<void>;
  #progress: Progress | undefined;

  /** @param begun when the command began, on the clock of performance.now() */
  constructor(speaker: Speaker, readonly tag: string, readonly uid: boolean, readonly begun = performance.now()) {
    this.server = speaker.server;
    this.session = speaker.session;
    this.channel = speaker;
    this.out = speaker.out;
    this.flushed = speaker.flushed;
    this.send = speaker.send;
    this.#flush = speaker.flush;
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
    return this.#progress ??= new Progress(this.tag, this.out, this.#flush, this.server.progressEvery, this.begun);
  }
}
