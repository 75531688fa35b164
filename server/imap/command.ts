/** How a command is declared: its grammar and what it does, side by side. The connection does everything else. */
import type { Decoder, Literal } from "./wire/decoder.ts";
import type { Encoder } from "./wire/encoder.ts";
import type { Session } from "./session.ts";
import type { Selected } from "./selected.ts";
import type { MailStore } from "../../store/store.ts";
import type { Channel, ServerContext } from "./context.ts";

/** The states of RFC 9051 §3; a command names those in which it may be used. */
export type State = "notAuthenticated" | "authenticated" | "selected";

export const ANY_STATE: readonly State[] = ["notAuthenticated", "authenticated", "selected"];
export const LOGGED_IN: readonly State[] = ["authenticated", "selected"];
export const SELECTED: readonly State[] = ["selected"];

/** The tagged OK: `[code] text`. Without text it is "NAME done". */
export interface Completion {
  readonly code?: string;
  readonly text?: string;
}

/** What a command works with while it runs. */
export interface Context {
  readonly server: ServerContext;
  readonly session: Session;
  readonly channel: Channel;
  readonly tag: string;
  /** The UID form was used. */
  readonly uid: boolean;
  /** Responses go here; call `flushed` between parts of a long answer, so memory stays bounded. */
  readonly out: Encoder;
  /** Sends what is in `out` once it is large; waits while the client does not read. Never call it inside a store operation. */
  flushed(): Promise<void>;
  /** Sends what is in `out`, then these bytes as they are; when it resolves, they may be written again. As `flushed`. */
  send(bytes: Uint8Array): Promise<void>;
  /** The account's mail. Only in states where there is one. */
  readonly mail: MailStore;
  /** The selected mailbox. Only for commands whose states are SELECTED. */
  readonly selected: Selected;
  /** Tells an untagged OK [INPROGRESS] when the command has run for 10 s and every 10 s after; cheap to call often (RFC 9585). */
  progress(done: number, total: number): Promise<void>;
  /** Waits for a store operation that may take long, and tells INPROGRESS meanwhile as `progress` does, without numbers. */
  working<T>(work: Promise<T>): Promise<T>;
}

export interface CommandDefinition<A> {
  readonly name: string;
  /** "also": there is a UID form too. "only": nothing but the UID form. */
  readonly uid?: "also" | "only";
  readonly states: readonly State[];
  /** RFC numbers that define it, as "9051 §6.4.8". */
  readonly rfc: string;
  /** With these arguments no removal may be told, since message numbers must hold (RFC 9051 §7.5.1, RFC 7162 §3.2.10.2). */
  readonly keepsNumbers?: (args: A, uid: boolean) => boolean;
  /** It removes messages: that is told whatever NOTIFY asked for, as the answer to this command. */
  readonly removes?: boolean;
  /** The UID form takes message numbers nowhere that the other form does not: UIDONLY sessions may use both. */
  readonly numberless?: boolean;
  /** Arguments hold secrets: the trace shows the name alone. */
  readonly secret?: boolean;
  /**
   * Literals from this argument on are message content: they are spooled into drafts, after `accept` let them in.
   * `line` is what has arrived of the command behind its name, up to the literal's marker. `accept` is called once for a command.
   */
  readonly content?: (line: Uint8Array) => boolean;
  readonly accept?: (context: Context) => Admitter;
  /** Throws BadError for wrong grammar, NoError for values that can never be. No store access here. */
  parse(d: Decoder, session: Session, uid: boolean): A;
  run(context: Context, args: A): Promise<Completion | void>;
}

/**
 * Lets in, or refuses, the message literals of one command, in their order.
 * @param line what has arrived of the command, up to the literal's marker
 * @param literals those before it
 * @param size bytes of this one
 * @throws {NoError} {BadError} it may not come
 */
export type Admitter = (line: Uint8Array, literals: readonly Literal[], size: number) => Promise<void>;

/** A command with its argument type hidden, as the table holds it. */
export interface Command extends Omit<CommandDefinition<unknown>, "parse" | "run" | "keepsNumbers"> {
  /** Parses, then gives what is to be run. */
  prepare(d: Decoder, session: Session, uid: boolean): Prepared;
}

/** A command with its arguments. */
export interface Prepared {
  /** No removal may be told with its answer. */
  readonly keepsNumbers: boolean;
  run(context: Context): Promise<Completion | void>;
}

export function defineCommand<A>(definition: CommandDefinition<A>): Command {
  const { parse, run, keepsNumbers, ...rest } = definition;
  return {
    ...rest,
    prepare(d, session, uid) {
      const args = parse(d, session, uid);
      d.end();
      return { keepsNumbers: keepsNumbers?.(args, uid) ?? false, run: (context) => run(context, args) };
    },
  };
}
