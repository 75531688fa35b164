/**
 * An IMAP client on bytes, cheap enough not to be what is measured: it looks for line ends and literals only, tells untagged responses
 * apart by their first letters, and keeps nothing unless asked to. What was kept is looked into when the clock has stopped (answers.ts).
 *
 * Invariant: answers come in the order of the commands; anything else ends the connection.
 */
import { Buffer } from "node:buffer";
import type { ByteStream } from "./stream.ts";

/** All that came between a command and its tagged answer. */
export interface Answer {
  status: string;
  /** Behind the status. */
  text: string;
  /** How many FETCH and EXPUNGE responses there were. */
  fetches: number;
  expunges: number;
  /** All bytes, and those within literals. */
  bytes: number;
  literalBytes: number;
  /** The other untagged responses, without "* "; of one with literals the first line. */
  readonly untagged: string[];
  /** All bytes, when `keep` was asked for. */
  kept?: Buffer;
}

interface Command {
  readonly tag: string;
  readonly answer: Answer;
  readonly kept: Uint8Array[] | undefined;
  readonly done: PromiseWithResolvers<Answer>;
}

const LF = 10, CR = 13, SPACE = 32, PLUS = 43, STAR = 42, OPEN = 123, CLOSE = 125;
const SMALLEST = 4 << 10;
const LARGEST = 256 << 10;

export class ImapClient {
  /** Messages in the selected mailbox, as EXISTS and EXPUNGE told. */
  exists = 0;
  capabilities: ReadonlySet<string> = new Set();
  onExists?: (count: number) => void;
  onExpunge?: (number: number) => void;
  onFetch?: (number: number) => void;

  readonly #stream: ByteStream;
  readonly #commands: Command[] = [];
  readonly #continuations: PromiseWithResolvers<string>[] = [];
  #greeting: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
  #error: Error | undefined;
  #nextTag = 1;
  #part: Buffer | undefined;
  /** Bytes of a literal that are still to come. */
  #literal = 0;
  #withinResponse = false;
  /** What the server said before it closed. */
  #farewell = "";
  #outgoing: Uint8Array[] = [];
  #sending = false;

  private constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#receive().catch((error: Error) => this.#fail(error, this.#farewell));
  }

  /** Waits for the greeting. @throws Error when there is none, or BYE */
  static async over(stream: ByteStream): Promise<ImapClient> {
    const client = new ImapClient(stream);
    await client.#greeting?.promise;
    return client;
  }

  get closed(): boolean {
    return this.#error !== undefined;
  }

  /** Sends a command; its answer, whatever it is. @param keep all its bytes, for a close look */
  command(text: string, keep = false): Promise<Answer> {
    return this.commandOf([Buffer.from(`${text}\r\n`, "latin1")], keep);
  }

  /** As `command`, of its bytes up to and with its last CRLF. */
  commandOf(parts: readonly Uint8Array[], keep = false): Promise<Answer> {
    if (this.#error) return Promise.reject(this.#error);
    const tag = `A${this.#nextTag++}`;
    const answer = { status: "", text: "", fetches: 0, expunges: 0, bytes: 0, literalBytes: 0, untagged: [] };
    const done = Promise.withResolvers<Answer>();
    this.#commands.push({ tag, answer, kept: keep ? [] : undefined, done });
    this.write(Buffer.from(`${tag} `), ...parts);
    return done.promise;
  }

  /** As `command`. @throws Error unless the answer is OK */
  async ok(text: string, keep = false): Promise<Answer> {
    return mustBeOk(await this.command(text, keep), text);
  }

  async login(user: string, password: string): Promise<void> {
    const { text, untagged } = await this.ok(`LOGIN ${user} ${password}`);
    if (!this.#readCapabilities(text) && !untagged.some((line) => this.#readCapabilities(`[${line}]`))) {
      const answer = await this.ok("CAPABILITY");
      answer.untagged.forEach((line) => this.#readCapabilities(`[${line}]`));
    }
  }

  /** The text of the next `+`. */
  continuation(): Promise<string> {
    if (this.#error) return Promise.reject(this.#error);
    const next = Promise.withResolvers<string>();
    this.#continuations.push(next);
    return next.promise;
  }

  /** Sends bytes as they are, in order. */
  write(...parts: readonly Uint8Array[]): void {
    this.#outgoing.push(...parts);
    if (!this.#sending) this.#send().catch((error) => this.#fail(error));
  }

  /** @returns what ends IDLE again */
  async idle(): Promise<() => Promise<Answer>> {
    const begun = this.continuation();
    const ended = this.command("IDLE");
    const refused = ended.then(({ text }) => Promise.reject(new Error(`IDLE was refused: ${text}`)));
    await Promise.race([begun, refused]);
    refused.catch(() => {}); // it ends when it is told to
    return () => {
      this.write(Buffer.from("DONE\r\n"));
      return ended;
    };
  }

  async logout(): Promise<void> {
    if (!this.closed) await this.command("LOGOUT").catch(() => {}); // closed already is as good
    this.close();
  }

  close(): void {
    this.#fail(new Error("the connection was closed"));
  }

  #readCapabilities(text: string): boolean {
    const list = /\[CAPABILITY ([^\]]*)\]/i.exec(text)?.[1];
    if (list !== undefined) this.capabilities = new Set(list.toUpperCase().split(" "));
    return list !== undefined;
  }

  async #send(): Promise<void> {
    this.#sending = true;
    // Commands that were sent together leave together.
    await Promise.resolve();
    while (this.#outgoing.length > 0) {
      const parts = this.#outgoing;
      this.#outgoing = [];
      await this.#stream.write(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    }
    this.#sending = false;
  }

  #fail(error: Error, farewell = ""): void {
    if (this.#error) return;
    if (farewell !== "") error.message += `: ${farewell}`;
    this.#error = error;
    this.#stream.close();
    this.#greeting?.reject(error);
    for (const { done } of this.#commands.splice(0)) done.reject(error);
    for (const next of this.#continuations.splice(0)) next.reject(error);
  }

  async #receive(): Promise<void> {
    let buffer = Buffer.alloc(SMALLEST);
    while (!this.#error) {
      const count = await this.#stream.read(buffer);
      if (count === null) throw new Error("the server closed the connection");
      this.#take(buffer.subarray(0, count));
      if (count === buffer.length && count < LARGEST) buffer = Buffer.alloc(count * 4);
    }
  }

  #take(bytes: Buffer): void {
    const command = this.#commands[0];
    if (command) {
      command.answer.bytes += bytes.length;
      command.kept?.push(Buffer.from(bytes)); // a copy: the buffer is filled again
    }
    for (let at = 0; at < bytes.length && !this.#error;) {
      if (this.#literal > 0) {
        const count = Math.min(this.#literal, bytes.length - at);
        this.#literal -= count;
        at += count;
        continue;
      }
      const end = bytes.indexOf(LF, at) + 1;
      const line = bytes.subarray(at, end === 0 ? bytes.length : end);
      at += line.length;
      const whole = this.#part ? Buffer.concat([this.#part, line]) : line;
      if (end === 0) {
        this.#part = this.#part ? whole : Buffer.from(line);
        return;
      }
      this.#part = undefined;
      this.#line(whole);
    }
  }

  /** One line with its end: a response, or what follows a literal within one. */
  #line(line: Buffer): void {
    const first = !this.#withinResponse;
    const end = line[line.length - 2] === CR ? line.length - 2 : line.length - 1;
    this.#withinResponse = false;
    if (line[end - 1] === CLOSE) this.#seeLiteral(line, end);
    if (!first) return;
    if (line[0] === STAR) this.#untagged(line, end);
    else if (line[0] === PLUS) this.#continuations.shift()?.resolve(line.toString("latin1", 2, end));
    else this.#tagged(line.toString("latin1", 0, end));
  }

  #seeLiteral(line: Buffer, end: number): void {
    let size = 0;
    let at = end - 2;
    for (let unit = 1; isDigit(line[at]); at--, unit *= 10) size += (line[at] - 48) * unit;
    if (line[at] !== OPEN || at === end - 2) return;
    this.#withinResponse = true;
    this.#literal = size;
    if (this.#commands.length > 0) this.#commands[0].answer.literalBytes += size;
  }

  #untagged(line: Buffer, end: number): void {
    if (this.#greeting) return this.#greet(line.toString("latin1", 2, end));
    const answer = this.#commands.at(0)?.answer;
    let number = 0;
    let at = 2;
    for (; isDigit(line[at]); at++) number = number * 10 + line[at] - 48;
    const letter = at > 2 && line[at] === SPACE ? line[at + 1] & 0xdf : 0;
    if (letter === 0x46) { // FETCH
      if (answer) answer.fetches++;
      this.onFetch?.(number);
    } else if (letter === 0x45 && (line[at + 3] & 0xdf) === 0x49) { // EXISTS
      this.exists = number;
      this.onExists?.(number);
    } else if (letter === 0x45) { // EXPUNGE
      if (answer) answer.expunges++;
      this.exists--;
      this.onExpunge?.(number);
    } else if (letter !== 0x52) { // RECENT
      const text = line.toString("latin1", 2, end);
      if (text.startsWith("BYE")) this.#farewell = text;
      answer?.untagged.push(text);
    }
  }

  #greet(text: string): void {
    const greeting = this.#greeting;
    this.#greeting = undefined;
    if (/^(OK|PREAUTH)\b/i.test(text)) greeting?.resolve();
    else greeting?.reject(new Error(`a greeting was expected: ${text}`));
    this.#readCapabilities(text);
  }

  #tagged(line: string): void {
    const command = this.#commands.shift();
    const [tag, status] = line.split(" ", 2);
    if (tag !== command?.tag) {
      this.#fail(new Error(`an unexpected line: ${line.slice(0, 200)}`));
      command?.done.reject(new Error(`an unexpected line: ${line.slice(0, 200)}`));
      return;
    }
    const { answer, kept, done } = command;
    answer.status = status.toUpperCase();
    answer.text = line.slice(tag.length + status.length + 2);
    if (kept) answer.kept = Buffer.concat(kept);
    done.resolve(answer);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** @throws Error unless it is OK */
export function mustBeOk(answer: Answer, what: string): Answer {
  if (answer.status !== "OK") throw new Error(`${what.slice(0, 120)}: ${answer.status} ${answer.text}`);
  return answer;
}
