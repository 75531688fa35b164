/** A client on a link: looks at every response, counts the answers to each tag, keeps the last of what was said. */
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { serveConnection } from "../../server/imap/connection.ts";
import type { ConnectionView } from "../../server/imap/connectionview.ts";
import type { ServerContext } from "../../server/imap/context.ts";
import { type Response, ResponseReader } from "../../tests/support/responses.ts";
import { bytesOf, shown, textOf } from "./bytes.ts";
import { checkResponse, type Mode } from "./check.ts";
import { setImmediate as immediate } from "node:timers/promises";
import { Link } from "./link.ts";
import { Mirror } from "./mirror.ts";
import { joined } from "./mutate.ts";

/** No answer for so long is a hang, in milliseconds. */
export const PATIENCE = 10_000;
const TRANSCRIPT = 40;
/** The answer to UNAUTHENTICATE: all that was enabled is off from here on (RFC 8437 §4.1). */
const UNAUTHENTICATED = /^[^*+ ]\S* OK log in again$/;

export interface PeerOptions {
  readonly remote: string;
  readonly secure: boolean;
  readonly cleartextLogin: boolean;
  /** Cuts what is sent into pieces. */
  readonly pieces?: (bytes: Uint8Array) => Uint8Array[];
}

/** What the server did wrong; carries the conversation. */
export class Finding extends Error {
  override readonly name = "Finding";
}

let connections = 0;

export class Peer {
  readonly transcript: string[] = [];
  /** Responses since the last command began. */
  responses: Response[] = [];
  /** What the server said it enabled. */
  mode: { -readonly [K in keyof Mode]: Mode[K] } = { utf8: false };
  /** How often the connection went back to the state before login. */
  unauthenticated = 0;
  /** Nothing that the server writes is taken any more. */
  deaf = false;
  #bye = false;
  answers = 0;
  /** The input that took longest to work off. */
  slowest = { ms: 0, input: "" };
  readonly #link: Link;
  readonly #reader = new ResponseReader();
  readonly #mirror = new Mirror();
  readonly #served: Promise<void>;
  readonly #answered = new Map<string, number>();
  /** What was sent lately, as text. */
  #wild = "";
  #lawless = false;
  #finding: Error | undefined;
  #zip: Zip | undefined;
  readonly #options: PeerOptions;

  #view: ConnectionView | undefined;

  constructor(server: ServerContext, options: PeerOptions) {
    this.#options = options;
    this.#link = new Link(options.remote, options.secure);
    this.#link.onOutput = (bytes) => this.#take(bytes);
    this.#served = serveConnection(this.#link.transport, server, {
      id: `f${++connections}`,
      cleartextLogin: options.cleartextLogin,
      onOpen: (view) => this.#view = view,
    });
  }

  get over(): boolean {
    return this.#link.closed;
  }

  fail(what: string): never {
    throw new Finding(`${what}\n${this.transcript.slice(-TRANSCRIPT).map((line) => `    ${line}`).join("\n")}`);
  }

  note(text: string): void {
    this.transcript.push(text);
    if (this.transcript.length > TRANSCRIPT * 4) this.transcript.splice(0, TRANSCRIPT * 2);
  }

  async #take(bytes: Uint8Array): Promise<void> {
    if (this.deaf) return await new Promise(() => {});
    try {
      this.#reader.push(this.#zip ? await this.#zip.inflate(bytes) : bytes);
      for (let response = this.#reader.next(); response; response = this.#reader.next()) this.#look(response);
    } catch (error) {
      this.#finding ??= error as Error;
    }
  }

  #look(response: Response): void {
    const { text, literals } = response;
    this.note(`S: ${shown(bytesOf(text))}${literals.length > 0 ? ` with ${literals.map((l) => l.length)} bytes` : ""}`);
    // Only LOGOUT is answered after it.
    if (this.#bye && !/^[^*+]\S* OK LOGOUT/.test(text)) throw new Error("something was said after BYE");
    checkResponse(response, this.mode);
    this.#mirror.see(response, this.mode.utf8);
    this.#follow(text);
    if (text.includes("[SERVERBUG]") || text.startsWith("* BYE internal")) throw new Error("the server has a bug");
    if (text.startsWith("* BYE")) this.#bye = true;
    this.responses.push(response);
    if (/^[*+]/.test(text)) return;
    const [tag] = text.split(" ");
    if (!this.#lawless && !this.#wild.includes(tag)) throw new Error(`the tag ${tag} was never sent`);
    this.#answered.set(tag, (this.#answered.get(tag) ?? 0) + 1);
    this.answers++;
  }

  /** What a response says about those after it. */
  #follow(text: string): void {
    if (text.startsWith("* ENABLED ")) {
      const words = new Set(text.split(" "));
      if (words.has("UTF8=ACCEPT") || words.has("IMAP4rev2")) this.mode.utf8 = true;
      if (words.has("UIDONLY")) this.mode.uidOnly = true;
      if (words.has("QRESYNC")) this.mode.qresync = true;
    } else if (/^\* LANGUAGE \([^ ]+\)$/.test(text)) this.mode.localised = true;
    else if (UNAUTHENTICATED.test(text)) {
      this.mode = { utf8: false };
      this.#mirror.forget();
      this.unauthenticated++;
      this.#zip?.close();
      this.#zip = undefined;
    }
  }

  answersTo(tag: string): number {
    return this.#answered.get(tag) ?? 0;
  }

  /** Sends bytes and waits until the server has worked them off. */
  async exchange(bytes: Uint8Array): Promise<void> {
    this.note(`C: ${shown(bytes)}`);
    this.#wild = (this.#wild.length > 300_000 ? this.#wild.slice(-200_000) : this.#wild) + textOf(bytes);
    const sent = this.#zip ? await this.#zip.deflate(bytes) : bytes;
    // Deflate ends with its line: what a flush puts behind that must come together with it.
    const whole = this.#zip !== undefined && /unauthenticate/i.test(textOf(bytes));
    const start = performance.now();
    await this.#deliver(sent, whole);
    const ms = performance.now() - start;
    if (ms > this.slowest.ms) this.slowest = { ms, input: shown(bytes, 100) };
  }

  /** Bytes beneath compression: they inflate to who knows what, copies of earlier commands with other tags among it. */
  async raw(bytes: Uint8Array): Promise<void> {
    this.note(`C: beneath compression: ${shown(bytes)}`);
    this.#lawless = true;
    await this.#deliver(bytes);
  }

  async #deliver(bytes: Uint8Array, whole = false): Promise<void> {
    // Over memory all is done in microtasks, and timers and the results of other threads would never get their turn.
    await immediate();
    this.#link.send(whole ? [bytes] : this.#options.pieces?.(bytes) ?? [bytes]);
    await this.settle();
  }

  /** @throws {Finding} also for what was seen before */
  async settle(): Promise<void> {
    const quiet = this.deaf || await this.#untilQuiet();
    if (this.#finding) this.fail(this.#finding.message);
    if (!quiet) this.fail(`no answer and no reading for ${PATIENCE} ms`);
  }

  /** The server waits for input, and has said all: what it said last waits for the disk while it reads already. */
  async #untilQuiet(): Promise<boolean> {
    if (!await this.#link.untilQuiet(PATIENCE)) return false;
    while (this.#view?.speaking && !this.over) await immediate();
    return await this.#link.untilQuiet(PATIENCE);
  }

  /** A command that must be answered once. @returns its tagged line, undefined when the connection ended instead */
  async command(tag: string, text: string | Uint8Array): Promise<string | undefined> {
    this.responses = [];
    const bytes = typeof text === "string" ? bytesOf(text) : text;
    const line = new Uint8Array(tag.length + 1 + bytes.length + 2);
    line.set(bytesOf(`${tag} `));
    line.set(bytes, tag.length + 1);
    line.set([13, 10], line.length - 2);
    await this.exchange(line);
    return this.tagged(tag);
  }

  /** The one answer to the tag. @throws {Finding} there is none, or more */
  tagged(tag: string): string | undefined {
    const count = this.answersTo(tag);
    if (count > 1) this.fail(`${tag} was answered ${count} times`);
    if (count === 1) return this.responses.find(({ text }) => text.startsWith(`${tag} `))?.text;
    if (!this.over) this.fail(`${tag} was not answered`);
    return undefined;
  }

  get compressed(): boolean {
    return this.#zip !== undefined;
  }

  /** From here on both directions are deflated, until UNAUTHENTICATE. */
  compress(): void {
    this.#zip = new Zip();
  }

  /** Stops sending, waits until the server has let go. */
  async end(): Promise<void> {
    this.#link.end();
    await this.#ended("after the client's end of stream");
  }

  /** Cuts the connection. */
  async vanish(): Promise<void> {
    this.note("(the client vanishes)");
    this.#link.cut();
    await this.#ended("after the client vanished");
  }

  async #ended(when: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), PATIENCE));
    const ended = await Promise.race([this.#served.then(() => true), late]);
    clearTimeout(timer);
    this.#zip?.close();
    if (this.#finding && !this.deaf) this.fail(this.#finding.message);
    if (!ended) this.fail(`the connection still runs ${PATIENCE} ms ${when}`);
    if (this.#reader.pending > 0 && when.includes("end of stream")) this.fail("the last response is not whole");
  }
}

/** Raw deflate with sync flushes, both ways (RFC 4978). */
class Zip {
  readonly #deflate = createDeflateRaw();
  readonly #inflate = createInflateRaw();

  async deflate(bytes: Uint8Array): Promise<Uint8Array> {
    const out: Uint8Array[] = [];
    const hear = (chunk: Uint8Array) => void out.push(chunk);
    this.#deflate.on("data", hear);
    this.#deflate.write(bytes);
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    this.#deflate.off("data", hear);
    return joined(...out);
  }

  async inflate(bytes: Uint8Array): Promise<Uint8Array> {
    const out: Uint8Array[] = [];
    const hear = (chunk: Uint8Array) => void out.push(chunk);
    this.#inflate.on("data", hear);
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once("error", reject);
      this.#inflate.write(bytes, () => {
        this.#inflate.off("error", reject);
        resolve();
      });
    });
    this.#inflate.off("data", hear);
    return joined(...out);
  }

  close(): void {
    this.#deflate.destroy();
    this.#inflate.destroy();
  }
}
