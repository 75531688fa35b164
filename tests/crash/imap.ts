/** A small IMAP client over TCP that can have several commands under way. */
import { type Response, ResponseReader } from "../support/responses.ts";

export interface Answer {
  /** OK, NO or BAD. */
  readonly status: string;
  /** The tagged line after the status. */
  readonly text: string;
  readonly untagged: readonly Response[];
}

/** The server is gone; what was not answered never will be. */
export class Gone extends Error {
  override readonly name = "Gone";
}

interface Waiting {
  readonly tag: string;
  readonly untagged: Response[];
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const encoder = new TextEncoder();

export class Imap {
  readonly #reader = new ResponseReader();
  readonly #waiting: Waiting[] = [];
  #tag = 0;
  #end: Error | undefined;
  #sending: Promise<void> = Promise.resolve();
  readonly #receiving: Promise<void>;
  readonly #greeted = Promise.withResolvers<void>();

  private constructor(readonly connection: Deno.TcpConn) {
    this.#receiving = this.#receive();
  }

  /** @throws {Gone} */
  static async connect(port: number): Promise<Imap> {
    let connection: Deno.TcpConn;
    try {
      connection = await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      throw new Gone(String(error));
    }
    connection.setNoDelay(true);
    const imap = new Imap(connection);
    await imap.#greeted.promise;
    return imap;
  }

  /** A command in parts: text, and bytes that are sent as non-synchronising literals. @throws {Gone} */
  command(...parts: readonly (string | Uint8Array)[]): Promise<Answer> {
    const tag = `c${++this.#tag}`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (this.#end) {
      reject(this.#end);
      return promise;
    }
    this.#waiting.push({ tag, untagged: [], resolve, reject });
    const pieces: Uint8Array[] = [encoder.encode(`${tag} `)];
    for (const part of parts) {
      if (typeof part === "string") pieces.push(encoder.encode(part));
      else pieces.push(encoder.encode(`{${part.length}+}\r\n`), part);
    }
    pieces.push(encoder.encode("\r\n"));
    const bytes = joined(pieces);
    this.#sending = this.#sending.then(() => this.#send(bytes));
    return promise;
  }

  /** As `command`. @throws {Error} also when the answer is not OK */
  async ok(...parts: readonly (string | Uint8Array)[]): Promise<Answer> {
    const answer = await this.command(...parts);
    if (answer.status !== "OK") throw new Error(`${parts[0]}: ${answer.status} ${answer.text}`);
    return answer;
  }

  async close(): Promise<void> {
    this.#fail(new Gone("closed"));
    await this.#receiving;
    await this.#sending;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.connection.write(rest));
    } catch (error) {
      this.#fail(new Gone(String(error)));
    }
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await this.connection.read(buffer);
        if (count === null) throw new Gone("end of stream");
        this.#reader.push(buffer.subarray(0, count));
        for (let response = this.#reader.next(); response; response = this.#reader.next()) this.#take(response);
      }
    } catch (error) {
      this.#fail(error instanceof Deno.errors.ConnectionReset || this.#end ? new Gone(String(error)) : error as Error);
    }
  }

  #take(response: Response): void {
    this.#greeted.resolve();
    const [waiting] = this.#waiting;
    const { text } = response;
    if (text.startsWith("* BYE")) throw new Gone(text);
    if (text.startsWith("* ")) return void waiting?.untagged.push(response);
    const [tag, status, ...rest] = text.split(" ");
    if (!waiting || tag !== waiting.tag) throw new Error(`not expected: ${text}`);
    this.#waiting.shift();
    waiting.resolve({ status, text: rest.join(" "), untagged: waiting.untagged });
  }

  #fail(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.connection.close();
    this.#greeted.reject(error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
