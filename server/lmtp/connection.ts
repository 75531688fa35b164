/**
 * smtp-server's connection, made to keep to RFC 2033 where it does not: it merges a recipient that is named twice, refuses
 * addresses with quoted local parts, lets every client wait for 100 ms, and knows one enhanced status code for each code. How it reads
 * messages is in data.ts.
 */
import type { Buffer } from "node:buffer";
import { SMTPServer } from "smtp-server";
import { SMTPConnection } from "smtp-server/lib/smtp-connection.js";
import { LmtpStream } from "./data.ts";
import { parsePath } from "./path.ts";

/** A reply that begins with its own enhanced status code (RFC 2034 §4). */
const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3} /;

export class LmtpConnection extends SMTPConnection {
  /** A message is on its way, or not answered yet. */
  get busy(): boolean {
    return Boolean(this._dataStream);
  }

  /** Ends it with a word; the client sends again later what was not answered. */
  dismiss(): void {
    this.send(421, "4.3.2 The server is shutting down");
  }

  override init(): void {
    this._setListeners(() => {
      const { maxClients = 0 } = this._server.options;
      if (this._server.connections.size > maxClients) this.send(421, `${this.name} Too many connections`, false);
      else this.connectionReady();
    });
  }

  override _createParser(): LmtpStream {
    const parser = new LmtpStream({ maxCommandLength: this._server.options.maxCommandLength });
    parser.oncommand = (command, callback) => this._onCommand(command, callback);
    parser.on("error", (error) => this.send(421, `5.5.2 ${error.message}`));
    return parser;
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    super.send(code, data, typeof data === "string" && ENHANCED.test(data) ? false : context);
  }

  /** One reply for each successful RCPT, also for one that was there before (RFC 2033 §4.2). */
  override handler_RCPT(command: Buffer, callback: () => void): void {
    this._rcptIndex.clear();
    super.handler_RCPT(command, callback);
  }

  override _parseAddressCommand(
    name: string,
    command: Buffer | string,
  ): ReturnType<SMTPConnection["_parseAddressCommand"]> {
    const path = parsePath(command.toString());
    if (!path) return false;
    const parsed = super._parseAddressCommand(name, `${path.before}<>${path.after}`);
    return parsed && { ...parsed, address: path.address };
  }
}

type Socket = Parameters<SMTPServer["connect"]>[0];

export class LmtpServer extends SMTPServer {
  /** All that are not closed, also those that the library has done with. */
  readonly #sockets = new Set<Socket>();

  override connect(socket: Socket, options?: Parameters<SMTPServer["connect"]>[1]): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const connection = new LmtpConnection(this, socket, options);
    this.connections.add(connection);
    connection.on("error", (error) => this._onError(error));
    connection.on("connect", (data) => this._onClientConnect(data));
    connection.init();
  }

  /** The connections that are served now. */
  get served(): LmtpConnection[] {
    return [...this.connections].filter((connection) => connection instanceof LmtpConnection);
  }

  /** `end` was called: every command is answered with 421. */
  get ending(): boolean {
    return Boolean(this._closeTimeout);
  }

  /** Messages that are on their way are answered, for `timeoutMs` at most; then what remains is cut off. */
  async end(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.options.closeTimeout = Math.max(1, timeoutMs);
    this.close(() => resolve());
    for (const connection of this.served) if (!connection.busy) connection.dismiss();
    await promise;
    for (const socket of this.#sockets) socket.destroy();
  }
}
