/**
 * The client's side of TLS by libssl, for measuring: sessions can be kept and taken up again, which `Deno.connectTls` cannot.
 *
 * Invariant: `close()` frees what a connection holds, once; nothing of it may be used after.
 */
import { type ByteStream, writeAll } from "./stream.ts";

const ssl = Deno.dlopen("libssl.so.3", {
  TLS_client_method: { parameters: [], result: "pointer" },
  SSL_CTX_new: { parameters: ["pointer"], result: "pointer" },
  SSL_CTX_free: { parameters: ["pointer"], result: "void" },
  SSL_CTX_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
  SSL_new: { parameters: ["pointer"], result: "pointer" },
  SSL_free: { parameters: ["pointer"], result: "void" },
  SSL_set_connect_state: { parameters: ["pointer"], result: "void" },
  SSL_set_bio: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  SSL_set_session: { parameters: ["pointer", "pointer"], result: "i32" },
  SSL_do_handshake: { parameters: ["pointer"], result: "i32" },
  SSL_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_get_error: { parameters: ["pointer", "i32"], result: "i32" },
  SSL_get1_session: { parameters: ["pointer"], result: "pointer" },
  SSL_session_reused: { parameters: ["pointer"], result: "i32" },
  SSL_SESSION_free: { parameters: ["pointer"], result: "void" },
  SSL_shutdown: { parameters: ["pointer"], result: "i32" },
});
const crypto = Deno.dlopen("libcrypto.so.3", {
  BIO_s_mem: { parameters: [], result: "pointer" },
  BIO_new: { parameters: ["pointer"], result: "pointer" },
  BIO_ctrl_pending: { parameters: ["pointer"], result: "usize" },
  BIO_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  BIO_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  ERR_clear_error: { parameters: [], result: "void" },
});

const SET_MIN_PROTOCOL = 123;
const SET_MAX_PROTOCOL = 124;
const VERSIONS = { "TLSv1.2": 0x0303n, "TLSv1.3": 0x0304n };
const WANT_READ = 2;
/** The server has said that no more comes. */
const ZERO_RETURN = 6;
/** Reads from the socket grow from the one to the other while they are full. */
const SMALLEST = 8 << 10;
const LARGEST = 256 << 10;

export type TlsVersion = keyof typeof VERSIONS;
/** A session that can be taken up again; belongs to the client that gave it. */
export type TlsSession = Deno.PointerValue;

/** Connects with one version of TLS. The server's certificate is not looked at. */
export class TlsClient {
  readonly #context: Deno.PointerValue;

  constructor(version: TlsVersion) {
    this.#context = ssl.symbols.SSL_CTX_new(ssl.symbols.TLS_client_method());
    ssl.symbols.SSL_CTX_ctrl(this.#context, SET_MIN_PROTOCOL, VERSIONS[version], null);
    ssl.symbols.SSL_CTX_ctrl(this.#context, SET_MAX_PROTOCOL, VERSIONS[version], null);
  }

  /** @throws Error when the handshake fails */
  async connect(port: number, session: TlsSession = null): Promise<TlsConnection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    const connection = new TlsConnection(this.#context, socket, session);
    try {
      await connection.handshake();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  freeSession(session: TlsSession): void {
    ssl.symbols.SSL_SESSION_free(session);
  }

  close(): void {
    ssl.symbols.SSL_CTX_free(this.#context);
  }
}

export class TlsConnection implements ByteStream {
  readonly #socket: Deno.TcpConn;
  readonly #handle: Deno.PointerValue;
  readonly #incoming: Deno.PointerValue;
  readonly #outgoing: Deno.PointerValue;
  #received = new Uint8Array(SMALLEST);
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: Deno.PointerValue, socket: Deno.TcpConn, session: TlsSession) {
    this.#socket = socket;
    this.#handle = ssl.symbols.SSL_new(context);
    this.#incoming = crypto.symbols.BIO_new(crypto.symbols.BIO_s_mem());
    this.#outgoing = crypto.symbols.BIO_new(crypto.symbols.BIO_s_mem());
    ssl.symbols.SSL_set_bio(this.#handle, this.#incoming, this.#outgoing);
    ssl.symbols.SSL_set_connect_state(this.#handle);
    if (session) ssl.symbols.SSL_set_session(this.#handle, session);
  }

  async handshake(): Promise<void> {
    await this.#until(() => ssl.symbols.SSL_do_handshake(this.#handle));
  }

  /** The server took up the session that was given. */
  get resumed(): boolean {
    return ssl.symbols.SSL_session_reused(this.#handle) === 1;
  }

  /** A session for later connections; TLS 1.3 has one only after something was read. The caller frees it. */
  session(): TlsSession {
    return ssl.symbols.SSL_get1_session(this.#handle);
  }

  /** @returns how many bytes of `into` were filled @throws Error at the end of the connection */
  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    return await this.#until(() => ssl.symbols.SSL_read(this.#handle, into, into.length));
  }

  async write(bytes: Uint8Array): Promise<void> {
    const owned = bytes as Uint8Array<ArrayBuffer>;
    await this.#until(() => ssl.symbols.SSL_write(this.#handle, owned, owned.length));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Without it OpenSSL takes the session out of use.
    ssl.symbols.SSL_shutdown(this.#handle);
    ssl.symbols.SSL_free(this.#handle);
    this.#socket.close();
  }

  /** Calls until it is done, carrying bytes to and from the socket. */
  async #until(call: () => number): Promise<number> {
    for (;;) {
      if (this.#closed) throw new Error("the connection was closed");
      crypto.symbols.ERR_clear_error();
      const result = call();
      const error = result > 0 ? 0 : ssl.symbols.SSL_get_error(this.#handle, result);
      await this.#send();
      if (result > 0) return result;
      if (error === ZERO_RETURN) throw new Error("the server closed the connection");
      if (error !== WANT_READ) throw new Error(`TLS failed with error ${error}`);
      const count = await this.#socket.read(this.#received);
      if (count === null) throw new Error("the server closed the connection");
      if (this.#closed) throw new Error("the connection was closed");
      crypto.symbols.BIO_write(this.#incoming, this.#received.subarray(0, count), count);
      if (count === this.#received.length && count < LARGEST) this.#received = new Uint8Array(4 * count);
    }
  }

  /** Sends what TLS has made, in order: a read and a write may go on at once. */
  #send(): Promise<void> | void {
    const size = Number(crypto.symbols.BIO_ctrl_pending(this.#outgoing));
    if (size === 0) return;
    const bytes = new Uint8Array(size);
    crypto.symbols.BIO_read(this.#outgoing, bytes, size);
    this.#sending = this.#sending.then(() => writeAll(this.#socket, bytes));
    return this.#sending;
  }
}
