/** One client of a live server: over a socket in clear text, then in TLS, looking at every response on its way. */
import { type ClientOptions, type Session, TlsClient } from "../../tests/net/tls/client.ts";
import { type Response, ResponseReader } from "../../tests/support/responses.ts";
import { bytesOf } from "./bytes.ts";
import { Finding } from "./peer.ts";
import type { SpoiledSocket } from "./spoiled.ts";

/** No answer to a good command for so long is a hang, in milliseconds. */
const PATIENCE = 30_000;

export class TlsPeer {
  answers = 0;
  over = false;
  #client: TlsClient | undefined;
  #reader = new ResponseReader();
  #heard: Response[] = [];
  #wake: (() => void) | undefined;
  #finding: Finding | undefined;
  #reading: Promise<void> | undefined;

  constructor(readonly socket: SpoiledSocket) {}

  /** Waits for a response that fits, of those not waited for yet; undefined: the connection is over. @throws {Finding} */
  async until(fits: (text: string) => boolean, patience = PATIENCE): Promise<string | undefined> {
    const end = performance.now() + patience;
    for (;;) {
      if (this.#finding) throw this.#finding;
      while (this.#heard.length > 0) {
        const response = this.#heard.shift();
        if (response && fits(response.text)) return response.text;
      }
      if (this.over) return undefined;
      const left = end - performance.now();
      if (left <= 0) throw new Finding(`no answer for ${patience} ms`);
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      const timer = setTimeout(woken.resolve, left);
      await woken.promise;
      clearTimeout(timer);
    }
  }

  /** The handshake. @throws {Error} it failed */
  async handshake(options: ClientOptions): Promise<void> {
    const client = new TlsClient(this.socket, options);
    this.#client = client;
    await client.handshake();
    this.#reading = this.#listen(() => client.read());
  }

  /** Reads in clear text up to a line that fits. @returns whether it came */
  async clear(fits: RegExp): Promise<boolean> {
    const buffer = new Uint8Array(4096);
    let text = "";
    while (!fits.test(text)) {
      const count = await this.socket.read(buffer);
      if (!count) return false;
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    return true;
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    await (this.#client ?? this.socket).write(bytes);
  }

  /** A good command. @returns its tagged answer, undefined when the connection is over */
  async command(tag: string, text: string): Promise<string | undefined> {
    await this.send(`${tag} ${text}\r\n`);
    return await this.until((line) => line.startsWith(`${tag} `));
  }

  get tls(): TlsClient | undefined {
    return this.#client;
  }

  session(): Session | undefined {
    return this.#client?.session();
  }

  /** @throws {Finding} of what came in the meantime */
  async close(): Promise<void> {
    if (this.#client) this.#client.close();
    else this.socket.close();
    await this.#reading;
    if (this.#finding) throw this.#finding;
  }

  async #listen(read: () => Promise<Uint8Array | null>): Promise<void> {
    try {
      for (let bytes = await read(); bytes; bytes = await read()) this.#look(bytes);
    } catch (error) {
      // What was spoilt on its way ends connections in every way; what came whole must be well formed.
      if (error instanceof Finding) this.#finding = error;
    } finally {
      this.over = true;
      this.#wake?.();
    }
  }

  #look(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
      for (let response = this.#reader.next(); response; response = this.#reader.next()) {
        if (response.text.includes("[SERVERBUG]")) throw new Error(`the server has a bug: ${response.text}`);
        if (!/^[*+]/.test(response.text)) this.answers++;
        this.#heard.push(response);
        if (this.#heard.length > 1000) this.#heard.splice(0, 500);
      }
    } catch (error) {
      throw new Finding((error as Error).message);
    }
    this.#wake?.();
  }
}
