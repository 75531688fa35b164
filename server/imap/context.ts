/** What every connection shares, and the small part of a connection that commands may touch. */
import type { Authenticator } from "../../auth/authenticator.ts";
import type { Client } from "../../auth/types.ts";
import type { Account, Store } from "../../store/store.ts";
import type { Config } from "../config/schema.ts";
import type { Admitting } from "../workers/team.ts";
import type { Attempts, ConnectionAttempts } from "../attempts.ts";
import type { ConnectionView } from "./connectionview.ts";

export interface ServerContext {
  readonly store: Store;
  readonly auth: Authenticator;
  readonly config: Config;
  readonly admission: Admitting;
  readonly attempts: Attempts;
  /** How often a long command says how far it is, in ms; 10 s unless given. */
  readonly progressEvery?: number;
}

export interface ConnectionOptions {
  /** Names the connection in the log. */
  readonly id: string;
  /** LOGIN and PLAIN are allowed although the transport is not secure. */
  readonly cleartextLogin: boolean;
  /** Already authenticated: the greeting is PREAUTH. */
  readonly preauth?: Account;
  /** Gets what can be seen of the connection, once, at its beginning. */
  readonly onOpen?: (view: ConnectionView) => void;
}

/** The connection as commands see it. */
export interface Channel extends Client {
  /** LOGIN and PLAIN are allowed here. */
  readonly cleartextLogin: boolean;
  /** Where each login is recorded. */
  readonly attempts: ConnectionAttempts;
  /** STARTTLS is possible here and now. */
  readonly offersTls: boolean;
  /** Sends a continuation request and everything before it. */
  continuation(text: string): Promise<void>;
  /** One line from the client inside a command (AUTHENTICATE, IDLE), without its CRLF. */
  line(timeoutMs: number): Promise<Uint8Array>;
  /**
   * The command `tag` goes on until the client sends a line, and the client is told of every change meanwhile, at once. Its tagged answer
   * is that of `done` in commands/idle.ts, which gets the line. Called at the end of a command: nothing of it is kept while it waits.
   */
  idle(tag: string): void;
  /** Makes the session the account's. @throws {ByeError} too many connections of the account */
  loggedIn(account: Account): Promise<void>;
  /** There may be something to tell that NOTIFY asked for: it is told at once, or after the command that runs. */
  wake(): void;
  /** Turns on DEFLATE after the tagged OK was sent. */
  compress(): void;
  /** After the tagged OK the connection is as new: nobody is logged in, nothing enabled, no DEFLATE (RFC 8437). */
  unauthenticate(): void;
  /**
   * After the tagged OK comes the handshake, and then a connection as new, without a greeting (RFC 9051 §6.2.1).
   * @throws {BadError} it is not possible here {ByeError} there are bytes behind the command, which somebody may have slipped in
   */
  startTls(): void;
  /** The connection ends after the tagged answer. */
  end(): void;
}
