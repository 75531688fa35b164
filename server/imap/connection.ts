/**
 * One client's connection: read a command, dispatch it, answer it, tell what changed.
 *
 * Commands run one at a time, in the order they came. Nothing is written to the socket while a store operation runs.
 * Every fault ends in one place (`fail`) as NO, BAD or BYE.
 */
import { getLogger } from "@logtape/logtape";
import type { TlsFacts } from "../../auth/types.ts";
import type { Account, Draft } from "../../store/mod.ts";
import type { Config } from "../config/schema.ts";
import { answerOf, farewellOf } from "./answer.ts";
import { capabilityList } from "./capabilities.ts";
import type { Completion, Context } from "./command.ts";
import { CommandContext, type Speaker } from "./commandcontext.ts";
import type { ConnectionOptions, ServerContext } from "./context.ts";
import { Activity, LiveView } from "./connectionview.ts";
import { BadError, ByeError } from "./errors.ts";
import { type CommandFrame, CommandReader, type Intake } from "./intake.ts";
import { writeText } from "./languages.ts";
import { Session } from "./session.ts";
import { notingOwn } from "./notify/ownmail.ts";
import { commandRan } from "./pace.ts";
import { Pusher, type Telling } from "./pusher.ts";
import { refreshRights } from "./refresh.ts";
import { tellAll } from "./telling.ts";
import { recognise, type Recognised, recogniseDone } from "./recognise.ts";
import { Meanwhile } from "./meanwhile.ts";
import { Outbox, type Outlet } from "./outbox.ts";
import { Link } from "./link.ts";
import { ConnectionEnd, type FrameReader } from "../net/framing.ts";
import { WriteTimeout } from "../net/writer.ts";
import type { Transport } from "../net/transport.ts";
import * as metrics from "../metrics.ts";
import { printable } from "../printable.ts";
import { Trace } from "./trace.ts";
import type { ConnectionAttempts } from "../attempts.ts";

const log = getLogger(["roost", "imap"]);

/** Serves one client until it is gone; never rejects. */
export function serveConnection(
  transport: Transport,
  server: ServerContext,
  options: ConnectionOptions,
): Promise<void> {
  return new Connection(transport, server, options).serve();
}

/** An IDLE that goes on. */
interface Idling {
  readonly tag: string;
  /** On the clock of performance.now(). */
  readonly start: number;
  /** End its listening. */
  readonly stops: readonly (() => void)[];
}

class Connection implements Speaker, Intake, Telling, Outlet {
  readonly scope = "imap";
  attempts: ConnectionAttempts;
  session = new Session();
  readonly outbox = new Outbox(this);
  readonly meanwhile = new Meanwhile();
  readonly #link: Link;
  #commands: CommandReader;
  readonly #trace: Trace;
  #badInARow = 0;
  #ending = false;
  /** What changes the connection once the tagged answer is sent. */
  #afterAnswer: (() => Promise<void>) | undefined;
  #idling: Idling | undefined;
  #releaseAccount: (() => void) | undefined;
  readonly #activity = new Activity();
  /** Once NOTIFY or IDLE was used: tells between commands. */
  #pusher: Pusher | undefined;
  /** Why the session is ended from outside. */
  #stopped: string | undefined;

  constructor(transport: Transport, readonly server: ServerContext, readonly options: ConnectionOptions) {
    this.#link = new Link(transport);
    this.#commands = new CommandReader(this);
    this.attempts = server.attempts.begin(this);
    this.#trace = new Trace(options.id);
  }

  get reader(): FrameReader {
    return this.#link.reader;
  }

  get limits(): Config["limits"] {
    return this.server.config.limits;
  }

  get literalMinus(): boolean {
    return this.server.config.literalMinus;
  }

  get authenticated(): boolean {
    return this.session.account !== undefined;
  }

  get patience(): number {
    const { timeoutAfterLogin, timeoutBeforeLogin } = this.limits;
    return (this.authenticated ? timeoutAfterLogin : timeoutBeforeLogin) * 1000;
  }

  goAhead(): Promise<void> {
    return this.continuation("ready");
  }

  begins(): Promise<void> | undefined {
    return this.#pusher?.close();
  }

  async draft(size: number): Promise<Draft> {
    return await this.context("", false).mail.draft(size);
  }

  get remote(): string {
    return this.#link.remote;
  }

  get secure(): boolean {
    return this.#link.secure;
  }

  get tls(): TlsFacts | undefined {
    return this.#link.tls;
  }

  get speaking(): boolean {
    return this.outbox.speaking;
  }

  get cleartextLogin(): boolean {
    return this.secure || this.options.cleartextLogin;
  }

  get offersTls(): boolean {
    return this.#link.offersTls;
  }

  async serve(): Promise<void> {
    const { id, onOpen } = this.options;
    onOpen?.(new LiveView(this, this.#activity));
    log.debug("connected", { conn: id, remote: this.remote, tls: this.secure });
    try {
      await this.#greet();
      while (!this.#ending) {
        if (this.#stopped !== undefined) throw new ByeError(this.#stopped);
        if (this.#flushes) await this.outbox.flushBehind();
        if (this.reader.buffered === 0) {
          this.#beginTelling();
          // An idle connection is here, and each further function that waited would keep half a KB.
          await this.reader.arrival(this.patience);
        }
        await this.#one();
        await commandRan();
      }
      await this.outbox.flush();
    } catch (error) {
      await this.#bye(await this.#causeOf(error));
    } finally {
      await this.#close();
    }
  }

  /** What was said goes out before the next command is read. */
  get #flushes(): boolean {
    // In IDLE whoever tells sends, too.
    if (this.#idling) return false;
    return this.reader.buffered === 0 || this.outbox.isDue;
  }

  /** What went wrong first, where a fault has ended the wait for the client. */
  async #causeOf(error: unknown): Promise<unknown> {
    const fault = this.outbox.takeFault();
    try {
      await this.#pusher?.close();
    } catch (failure) {
      return fault ? fault.error : failure;
    }
    return fault ? fault.error : error;
  }

  async #greet(): Promise<void> {
    const preauth = this.options.preauth ?? await this.#keyHolder();
    if (preauth) await this.loggedIn(preauth);
    const capabilities = capabilityList(this, this.session, this.server);
    this.outbox.out.ascii(`* ${preauth ? "PREAUTH" : "OK"} [CAPABILITY ${capabilities}] Roost ready`).crlf();
    await this.outbox.flush();
  }

  /** Whose key the client showed, where that is enough to be logged in (RFC 9051 §7.1.4). */
  async #keyHolder(): Promise<Account | undefined> {
    const holder = await this.server.auth.keyHolder(this);
    if (!holder?.preauth) return undefined;
    this.attempts.done("preauth", { account: holder.account });
    return holder.account;
  }

  /** Reads and answers one command. */
  async #one(): Promise<void> {
    const idling = this.#idling;
    const frame = idling ? await this.#endIdle(idling) : await this.#nextCommand();
    this.#activity.begins();
    const start = idling?.start ?? performance.now();
    let name = "invalid";
    let result = "OK";
    try {
      const command = idling ? recogniseDone(frame) : recognise(frame, this.session, this.limits.nesting);
      name = command.label;
      this.#trace.received(frame, command.definition.secret === true);
      const context = this.context(frame.tag, command.uid, start);
      const completion = await this.#run(command, context);
      this.#badInARow = 0;
      if (!this.#idling) this.#complete(frame.tag, name, completion);
    } catch (error) {
      result = this.#fail(frame.tag, name, error);
      if (result === "BAD") this.#countBad();
      else this.#badInARow = 0;
    } finally {
      for (const literal of frame.literals) await literal.draft?.discard();
      this.#activity.ends();
      if (!this.#idling) metrics.commandDone(name, result, (performance.now() - start) / 1000);
    }
    const change = this.#afterAnswer;
    if (!change) return;
    this.#afterAnswer = undefined;
    await this.outbox.flush();
    await change();
  }

  async #nextCommand(): Promise<CommandFrame> {
    if (!this.#pusher) return await this.#commands.next();
    try {
      return await this.#commands.next();
    } finally {
      await this.#pusher.close();
    }
  }

  /** From here on until the client has said a line it is told what changes, if it wants to be. */
  #beginTelling(): void {
    const { notify } = this.session;
    if (!this.#idling && !notify) return;
    this.#pusher ??= new Pusher(this);
    // What was committed before IDLE listened must not wait for the next bell.
    this.#pusher.open(this.#idling !== undefined || notify?.pending === true);
  }

  async push(): Promise<void> {
    await tellAll(this.context("", false), this.#idling !== undefined || !this.session.notify?.selected?.delayed);
    await this.outbox.flush();
  }

  giveUp(): Promise<void> {
    return this.reader.cancel();
  }

  async #run({ definition, uid, decoder }: Recognised, context: Context): Promise<Completion | void> {
    const { keepsNumbers, run } = definition.prepare(decoder, this.session, uid);
    this.session.looked = false;
    try {
      const refreshed = refreshRights(context);
      if (refreshed) await refreshed;
      return await run(context);
    } finally {
      // After a failed command, too, the client may learn what changed; unless the connection is going down. In IDLE it does so by itself.
      if (!this.#ending && !this.#idling) {
        await tellAll(context, !keepsNumbers, definition.removes, this.session.looked ? "own" : "all");
      }
    }
  }

  #complete(tag: string, name: string, completion: Completion | void): void {
    const code = completion?.code ? `[${completion.code}] ` : "";
    this.outbox.out.ascii(`${tag} OK ${code}`);
    writeText(this.outbox.out, this.session.language, completion?.text ?? `${name} done`).crlf();
    this.#trace.sent(`${tag} OK`);
  }

  /** Turns a fault into its answer; throws on what the connection cannot survive. */
  #fail(tag: string, name: string, thrown: unknown): "NO" | "BAD" {
    const { kind, code, text, bug } = answerOf(thrown);
    if (bug) {
      metrics.serverBug();
      log.error("command failed: {error}", { conn: this.options.id, command: name, error: thrown });
    }
    this.outbox.out.ascii(`${tag} ${kind} ${code ? `[${code}] ` : ""}`);
    writeText(this.outbox.out, this.session.language, text).crlf();
    this.#trace.sent(`${tag} ${kind} ${text}`);
    return kind;
  }

  #countBad(): void {
    const { badCommands, badCommandsBeforeLogin } = this.limits;
    const limit = this.session.account ? badCommands : badCommandsBeforeLogin;
    if (++this.#badInARow >= limit) throw new ByeError("too many bad commands");
  }

  context(tag: string, uid: boolean, begun?: number): Context {
    return new CommandContext(this, tag, uid, begun);
  }

  /** Nothing is said of what might be lost at a power cut. @throws {ByeError} it could not be made safe */
  async deliver(bytes: Uint8Array): Promise<void> {
    try {
      const safe = this.session.safe();
      if (safe) await safe;
    } catch (error) {
      log.error("changes may not be on the disk: {error}", { conn: this.options.id, error });
      throw new ByeError("what was done may not be safe", "UNAVAILABLE");
    }
    metrics.bytesOut(bytes.length);
    const { writeTimeout, writeTimeoutBeforeLogin } = this.limits;
    await this.#link.writer.write(bytes, (this.session.account ? writeTimeout : writeTimeoutBeforeLogin) * 1000);
  }

  async continuation(text: string): Promise<void> {
    this.outbox.out.ascii(`+ ${text}`).crlf();
    await this.outbox.flush();
  }

  async line(timeoutMs: number): Promise<Uint8Array> {
    await this.outbox.flush();
    return await this.#commands.line(timeoutMs);
  }

  idle(tag: string): void {
    const { account, notify, selected } = this.session;
    if (!account) throw new BadError(undefined, "log in first");
    const { bell } = this.server.store;
    const wake = () => this.wake();
    // NOTIFY listens already.
    const accounts = notify ? [] : [...new Set([account.id, selected?.mail.account ?? account.id])];
    this.#idling = { tag, start: performance.now(), stops: accounts.map((id) => bell.listen(id, wake)) };
  }

  /** The line that ends IDLE, as a command of its tag. @throws what telling threw meanwhile */
  async #endIdle({ tag }: Idling): Promise<CommandFrame> {
    let line: Uint8Array = new Uint8Array(0);
    let fault: Error | undefined;
    try {
      line = await this.#commands.line(this.patience);
    } catch (error) {
      if (!(error instanceof BadError)) throw error;
      fault = error;
    } finally {
      this.#activity.begins();
      this.#stopIdling();
      await this.#pusher?.close();
    }
    return { tag, line, literals: [], fault };
  }

  #stopIdling(): void {
    for (const stop of this.#idling?.stops ?? []) stop();
    this.#idling = undefined;
  }

  wake(): void {
    this.#pusher?.wake();
  }

  async loggedIn(account: Account): Promise<void> {
    const admitted = await this.server.admission.account(this.remote, account.id);
    if ("refused" in admitted) throw new ByeError(admitted.refused, "LIMIT");
    this.#releaseAccount = admitted.release;
    this.session.account = account;
    this.session.mail = notingOwn(this.server.store.mail(account.id), this.session.own);
    metrics.sessionOpened();
    log.info("logged in", { conn: this.options.id, account: account.address, remote: this.remote });
  }

  compress(): void {
    this.#afterAnswer = async () => {
      this.#link.startDeflate();
      this.session.compressed = true;
    };
  }

  startTls(): void {
    if (!this.offersTls) throw new BadError(undefined, "TLS is not possible here");
    if (this.reader.buffered > 0) throw new ByeError("data behind STARTTLS");
    this.#afterAnswer = async () => {
      await this.#link.startTls();
      // What was said before might be somebody else's: nothing of it counts.
      this.#commands = new CommandReader(this);
      this.attempts = this.server.attempts.begin(this);
      this.#beginAnew();
      log.debug("TLS begun", { conn: this.options.id, version: this.tls?.version, cipher: this.tls?.cipher });
    };
  }

  unauthenticate(): void {
    this.#afterAnswer = async () => {
      if (this.session.compressed) await this.#link.endDeflate();
      this.#leaveAccount();
      this.#beginAnew();
      log.info("logged out, connection kept", { conn: this.options.id });
    };
  }

  #beginAnew(): void {
    this.session = new Session();
    this.#badInARow = 0;
  }

  #leaveAccount(): void {
    this.session.notify?.stop();
    this.session.selected?.pin.release();
    if (this.session.account) metrics.sessionClosed();
    this.#releaseAccount?.();
    this.#releaseAccount = undefined;
  }

  end(): void {
    this.#ending = true;
  }

  stop(reason: string): void {
    this.#stopped ??= reason;
    // Otherwise the loop sees it after the answer.
    if (!this.#activity.busy) void this.reader.cancel();
  }

  /** Says why the connection ends, where somebody may still listen. */
  async #bye(thrown: unknown): Promise<void> {
    let error = thrown;
    const conn = this.options.id;
    if (this.#stopped !== undefined) error = new ByeError(this.#stopped);
    if (error instanceof ConnectionEnd) {
      return void log.debug("connection ended: {reason}", { conn, reason: error.message });
    }
    if (error instanceof WriteTimeout) return void log.info("client does not read, closing", { conn });
    const { code, text, bug } = farewellOf(error, this.session.account !== undefined);
    if (bug) {
      metrics.serverBug();
      log.error("connection failed: {error}", { conn, error });
    }
    log.debug("closing: {text}", { conn, text });
    this.outbox.out.ascii(`* BYE ${code ? `[${code}] ` : ""}${printable(text)}`).crlf();
    try {
      await this.outbox.flush();
    } catch (failure) {
      log.debug("BYE was not read: {failure}", { conn, failure });
    }
  }

  async #close(): Promise<void> {
    const conn = this.options.id;
    this.meanwhile.stop();
    this.#stopIdling();
    this.#leaveAccount();
    await this.#link.close(1000);
    log.debug("closed", { conn });
  }
}
