/**
 * One client's connection: read a command, dispatch it, answer it, tell what changed.
 *
 * Commands run one at a time, in the order they came. Nothing is written to the socket while a store operation runs.
 * Every fault ends in one place (`fail`) as NO, BAD or BYE.
 */
import { getLogger } from "@logtape/logtape";
import { type Account, StoreError } from "../../store/mod.ts";
import { AuthError } from "../../auth/authenticator.ts";
import { capabilityList } from "./capabilities.ts";
import { findCommand } from "./commands/table.ts";
import type { Command, Completion, Context } from "./command.ts";
import type { Channel, ConnectionOptions, ServerContext } from "./context.ts";
import { BadError, ByeError, NoError } from "./errors.ts";
import { type CommandFrame, CommandReader, type Intake } from "./intake.ts";
import { Session } from "./session.ts";
import { asNo } from "./storefaults.ts";
import { tell, tellDelayed } from "./tell.ts";
import { Decoder } from "./wire/decoder.ts";
import { Encoder } from "./wire/encoder.ts";
import { ConnectionEnd, FrameReader, ReadTimeout } from "../net/framing.ts";
import { FrameWriter, WriteTimeout } from "../net/writer.ts";
import { deflateLayer, inflateLayer } from "../net/deflate.ts";
import type { Transport } from "../net/transport.ts";
import * as metrics from "../metrics.ts";
import { Trace } from "./trace.ts";

const log = getLogger(["roost", "imap"]);

/** Answers are sent at the latest when this many bytes wait. */
const FLUSH_AT = 32 * 1024;
/** While pipelined commands run, earlier answers wait no longer than this, in ms. */
const HOLD_ANSWERS = 5;
const PROGRESS_EVERY = 10_000;

/** Serves one client until it is gone; never rejects. */
export function serveConnection(
  transport: Transport,
  server: ServerContext,
  options: ConnectionOptions,
): Promise<void> {
  return new Connection(transport, server, options).serve();
}

class Connection implements Channel {
  readonly session = new Session();
  readonly #out = new Encoder();
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #commands: CommandReader;
  readonly #trace: Trace;
  #badInARow = 0;
  #ending = false;
  #compressNext = false;
  #flushedAt = 0;
  #releaseAccount: (() => void) | undefined;
  /** A command runs; shutdown waits for its answer. */
  #busy = false;

  constructor(
    readonly transport: Transport,
    readonly server: ServerContext,
    readonly options: ConnectionOptions,
  ) {
    this.#reader = new FrameReader(transport.readable);
    this.#writer = new FrameWriter(transport.writable);
    this.#trace = new Trace(options.id);
    const intake: Intake = {
      reader: this.#reader,
      limits: server.config.limits,
      loggedIn: () => this.session.account !== undefined,
      timeout: () => this.#readTimeout(),
      goAhead: () => this.continuation("ready"),
      context: (tag, uid) => this.#context(tag, uid),
      draft: (size) => {
        if (!this.session.mail) throw new BadError(undefined, "log in first");
        return this.session.mail.draft(size);
      },
    };
    this.#commands = new CommandReader(intake);
  }

  get remote(): string {
    return this.transport.remote;
  }

  get secure(): boolean {
    return this.transport.secure;
  }

  get cleartextLogin(): boolean {
    return this.transport.secure || this.options.cleartextLogin;
  }

  async serve(): Promise<void> {
    const { signal, id } = this.options;
    const stop = () => void this.#shutdown();
    signal?.addEventListener("abort", stop);
    log.debug("connected", { conn: id, remote: this.remote, tls: this.secure });
    try {
      await this.#greet();
      while (!this.#ending) {
        if (signal?.aborted) throw new ByeError("server is shutting down");
        await this.#one();
      }
      await this.#flush();
    } catch (error) {
      await this.#bye(error);
    } finally {
      signal?.removeEventListener("abort", stop);
      await this.#close();
    }
  }

  async #greet(): Promise<void> {
    const { preauth } = this.options;
    if (preauth) this.loggedIn(preauth);
    const capabilities = capabilityList(this, this.session, this.server);
    this.#out.ascii(`* ${preauth ? "PREAUTH" : "OK"} [CAPABILITY ${capabilities}] Roost ready`).crlf();
    await this.#flush();
  }

  /** Reads and answers one command. */
  async #one(): Promise<void> {
    if (
      this.#reader.buffered === 0 || this.#out.length > FLUSH_AT || performance.now() - this.#flushedAt > HOLD_ANSWERS
    ) {
      await this.#flush();
    }
    const frame = await this.#commands.next();
    this.#busy = true;
    const start = performance.now();
    let name = "invalid";
    let result = "OK";
    try {
      const command = this.#recognise(frame);
      name = command.label;
      this.#trace.received(frame, command.definition.secret === true);
      const context = this.#context(frame.tag, command.uid);
      const completion = await this.#run(command, context);
      this.#badInARow = 0;
      this.#complete(frame.tag, name, completion);
    } catch (error) {
      result = this.#fail(frame.tag, name, error);
      if (result === "BAD") this.#countBad();
      else this.#badInARow = 0;
    } finally {
      for (const literal of frame.literals) await literal.draft?.discard();
      this.#busy = false;
      metrics.commandDone(name, result, (performance.now() - start) / 1000);
    }
    if (this.#compressNext) await this.#startDeflate();
  }

  #recognise(frame: CommandFrame): { definition: Command; uid: boolean; label: string; decoder: Decoder } {
    if (frame.fault) throw frame.fault;
    const decoder = new Decoder(frame.line, frame.literals, {
      utf8: this.session.utf8,
      maxNesting: this.server.config.limits.nesting,
    });
    decoder.tag();
    if (frame.tag === "*") throw new BadError(undefined, "the tag is too long");
    decoder.sp();
    const found = findCommand(decoder);
    if (!found.definition.states.includes(this.session.state)) {
      throw new BadError(undefined, `${found.label} is not allowed in this state`);
    }
    return { ...found, decoder };
  }

  async #run(
    command: { definition: Command; uid: boolean; decoder: Decoder },
    context: Context,
  ): Promise<Completion | void> {
    const { definition, uid, decoder } = command;
    const { keepsNumbers, run } = definition.prepare(decoder, this.session, uid);
    try {
      return await run(context);
    } finally {
      // After a failed command, too, the client may learn what changed; unless the connection is going down.
      if (this.session.selected && !this.#ending) {
        await tell(context, !keepsNumbers);
        tellDelayed(context);
      }
    }
  }

  #complete(tag: string, name: string, completion: Completion | void): void {
    const code = completion?.code ? `[${completion.code}] ` : "";
    this.#out.ascii(`${tag} OK ${code}${completion?.text ?? `${name} done`}`).crlf();
    this.#trace.sent(`${tag} OK`);
  }

  /** Turns a fault into its answer; throws on what the connection cannot survive. */
  #fail(tag: string, name: string, thrown: unknown): "NO" | "BAD" {
    const error = thrown instanceof StoreError ? asNo(thrown) : thrown;
    if (
      error instanceof ByeError || error instanceof ConnectionEnd || error instanceof ReadTimeout ||
      error instanceof WriteTimeout
    ) {
      throw error;
    }
    let kind: "NO" | "BAD" = "NO";
    let code: string | undefined;
    let text: string;
    if (error instanceof NoError || error instanceof BadError) {
      kind = error instanceof BadError ? "BAD" : "NO";
      code = error.code;
      text = error.message;
    } else {
      metrics.serverBug();
      log.error("command failed: {error}", { conn: this.options.id, command: name, error });
      code = "SERVERBUG";
      text = "internal error, see the server's log";
    }
    this.#out.ascii(`${tag} ${kind} ${code ? `[${code}] ` : ""}${text}`).crlf();
    this.#trace.sent(`${tag} ${kind} ${text}`);
    return kind;
  }

  #countBad(): void {
    const { badCommands, badCommandsBeforeLogin } = this.server.config.limits;
    const limit = this.session.account ? badCommands : badCommandsBeforeLogin;
    if (++this.#badInARow >= limit) throw new ByeError("too many bad commands");
  }

  #context(tag: string, uid: boolean): Context {
    const { session, server } = this;
    let nextProgress = performance.now() + PROGRESS_EVERY;
    return {
      server,
      session,
      channel: this,
      tag,
      uid,
      out: this.#out,
      flushed: () => this.#out.length > FLUSH_AT ? this.#flush() : Promise.resolve(),
      get mail() {
        if (!session.mail) throw new BadError(undefined, "log in first");
        return session.mail;
      },
      get selected() {
        if (!session.selected) throw new BadError(undefined, "select a mailbox first");
        return session.selected;
      },
      progress: async (done, total) => {
        if (performance.now() < nextProgress) return;
        nextProgress = performance.now() + PROGRESS_EVERY;
        if (done < total) this.#out.ascii(`* OK [INPROGRESS ("${tag}" ${done} ${total})] still working`).crlf();
        await this.#flush();
      },
    };
  }

  async #flush(): Promise<void> {
    if (this.#out.length === 0) return;
    const bytes = this.#out.take();
    metrics.bytesOut(bytes.length);
    const { writeTimeout, writeTimeoutBeforeLogin } = this.server.config.limits;
    await this.#writer.write(bytes, (this.session.account ? writeTimeout : writeTimeoutBeforeLogin) * 1000);
    this.#flushedAt = performance.now();
  }

  #readTimeout(): number {
    const { timeoutAfterLogin, timeoutBeforeLogin } = this.server.config.limits;
    return (this.session.account ? timeoutAfterLogin : timeoutBeforeLogin) * 1000;
  }

  async continuation(text: string): Promise<void> {
    this.#out.ascii(`+ ${text}`).crlf();
    await this.#flush();
  }

  async line(timeoutMs: number): Promise<Uint8Array> {
    await this.#flush();
    return await this.#commands.line(timeoutMs);
  }

  async idle(onChange: () => Promise<void>): Promise<Uint8Array> {
    const { account } = this.session;
    if (!account) throw new BadError(undefined, "log in first");
    let pending = false;
    let failure: unknown;
    let work = Promise.resolve();
    const look = async () => {
      pending = false;
      try {
        await onChange();
        await this.#flush();
      } catch (error) {
        failure ??= error;
        void this.#reader.cancel(); // never throws; ends the wait for the client's line
      }
    };
    const stop = this.server.store.bell.listen(account.id, () => {
      if (pending) return;
      pending = true;
      work = work.then(look);
    });
    this.#busy = false; // a shutdown need not wait for DONE
    try {
      // What was committed between the last answer and listening must not wait for the next bell.
      pending = true;
      work = work.then(look);
      await this.#flush();
      return await this.#commands.line(this.#readTimeout());
    } catch (error) {
      throw failure ?? error;
    } finally {
      this.#busy = true;
      stop();
      await work;
    }
  }

  loggedIn(account: Account): void {
    const admitted = this.server.admission.account(this.remote, account.id);
    if ("refused" in admitted) throw new ByeError(admitted.refused, "LIMIT");
    this.#releaseAccount = admitted.release;
    this.session.account = account;
    this.session.mail = this.server.store.mail(account.id);
    metrics.sessionOpened();
    log.info("logged in", { conn: this.options.id, account: account.address, remote: this.remote });
  }

  compress(): void {
    this.#compressNext = true;
  }

  async #startDeflate(): Promise<void> {
    this.#compressNext = false;
    await this.#flush();
    this.#reader.wrap(inflateLayer);
    this.#writer.wrap(deflateLayer);
    this.session.compressed = true;
  }

  end(): void {
    this.#ending = true;
  }

  async #shutdown(): Promise<void> {
    if (this.#busy) return; // the loop sees the signal after the answer
    await this.#reader.cancel();
  }

  /** Says why the connection ends, where somebody may still listen. */
  async #bye(thrown: unknown): Promise<void> {
    let error = thrown;
    const conn = this.options.id;
    if (this.options.signal?.aborted) error = new ByeError("server is shutting down");
    if (error instanceof ConnectionEnd) {
      return void log.debug("connection ended: {reason}", { conn, reason: error.message });
    }
    if (error instanceof WriteTimeout) return void log.info("client does not read, closing", { conn });
    let text = "internal error";
    if (error instanceof ReadTimeout) text = this.session.account ? "idle for too long" : "log in sooner";
    else if (error instanceof ByeError) text = error.message;
    else if (error instanceof AuthError) text = error.message;
    else {
      metrics.serverBug();
      log.error("connection failed: {error}", { conn, error });
    }
    log.debug("closing: {text}", { conn, text });
    const code = error instanceof ByeError && error.code ? `[${error.code}] ` : "";
    this.#out.ascii(`* BYE ${code}${text}`).crlf();
    try {
      await this.#flush();
    } catch (failure) {
      log.debug("BYE was not read: {failure}", { conn, failure });
    }
  }

  async #close(): Promise<void> {
    const conn = this.options.id;
    this.session.selected?.pin.release();
    if (this.session.account) metrics.sessionClosed();
    this.#releaseAccount?.();
    try {
      await this.#writer.close(1000);
    } catch (error) {
      log.debug("close: {error}", { conn, error });
    }
    this.transport.abort();
    await this.#reader.cancel();
    log.debug("closed", { conn });
  }
}
