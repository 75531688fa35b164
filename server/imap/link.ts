/** What a connection speaks over: a transport with its reader and its writer, and the layers that come and go. */
import type { TlsFacts } from "../../auth/types.ts";
import { deflateLayer, inflateLayer } from "../net/deflate.ts";
import { ConnectionEnd, FrameReader } from "../net/framing.ts";
import type { Transport } from "../net/transport.ts";
import { FrameWriter } from "../net/writer.ts";
import { ByeError } from "./errors.ts";

export class Link {
  #transport: Transport;
  #reader: FrameReader;
  #writer: FrameWriter;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#reader = new FrameReader(transport.readable);
    this.#writer = new FrameWriter(transport.writable);
  }

  /** Another one after `startTls`, as `writer`. */
  get reader(): FrameReader {
    return this.#reader;
  }

  get writer(): FrameWriter {
    return this.#writer;
  }

  get remote(): string {
    return this.#transport.remote;
  }

  get secure(): boolean {
    return this.#transport.secure;
  }

  get tls(): TlsFacts | undefined {
    return this.#transport.tls;
  }

  get offersTls(): boolean {
    return !this.secure && this.#transport.startTls !== undefined;
  }

  /** The handshake; what was read or written before has ended. @throws {ConnectionEnd} */
  async startTls(): Promise<void> {
    const handshake = this.#transport.startTls;
    if (!handshake) throw new ConnectionEnd("TLS is not possible here");
    await this.#reader.cancel();
    this.#transport = await handshake();
    this.#reader = new FrameReader(this.#transport.readable);
    this.#writer = new FrameWriter(this.#transport.writable);
  }

  startDeflate(): void {
    this.#reader.wrap(inflateLayer);
    this.#writer.wrap(deflateLayer);
  }

  /**
   * DEFLATE ends behind what was written, and behind the last line that was read (RFC 8437 §4.1).
   * @throws {ByeError} there is compressed data behind that line
   */
  async endDeflate(): Promise<void> {
    // First, since a farewell comes behind what was written, and so uncompressed.
    this.#writer.unwrap();
    if (this.#reader.buffered > 0) throw new ByeError("compressed data behind UNAUTHENTICATE");
    await this.#reader.unwrap();
  }

  /** Ends in order, at the latest after the timeout. Never throws. */
  async close(timeoutMs: number): Promise<void> {
    await this.#writer.close(timeoutMs);
    this.#transport.abort();
    await this.#reader.cancel();
  }
}
