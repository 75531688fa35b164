/** A TLS client in the test's hands, over any endpoint: OpenSSL with memory BIOs. It checks nothing of what the server says. */
import type { Endpoint } from "../../../server/net/duplex.ts";

const c = {
  ...Deno.dlopen("libssl.so.3", {
    TLS_client_method: { parameters: [], result: "pointer" },
    SSL_CTX_new: { parameters: ["pointer"], result: "pointer" },
    SSL_CTX_free: { parameters: ["pointer"], result: "void" },
    SSL_CTX_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
    SSL_CTX_set_options: { parameters: ["pointer", "u64"], result: "u64" },
    SSL_CTX_use_certificate_file: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    SSL_CTX_use_PrivateKey_file: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    SSL_new: { parameters: ["pointer"], result: "pointer" },
    SSL_free: { parameters: ["pointer"], result: "void" },
    SSL_ctrl: { parameters: ["pointer", "i32", "i64", "buffer"], result: "i64" },
    SSL_set_bio: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
    SSL_set_connect_state: { parameters: ["pointer"], result: "void" },
    SSL_set_alpn_protos: { parameters: ["pointer", "buffer", "u32"], result: "i32" },
    SSL_set_session: { parameters: ["pointer", "pointer"], result: "i32" },
    SSL_get1_session: { parameters: ["pointer"], result: "pointer" },
    SSL_SESSION_free: { parameters: ["pointer"], result: "void" },
    SSL_session_reused: { parameters: ["pointer"], result: "i32" },
    SSL_do_handshake: { parameters: ["pointer"], result: "i32" },
    SSL_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    SSL_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    SSL_set_shutdown: { parameters: ["pointer", "i32"], result: "void" },
    SSL_shutdown: { parameters: ["pointer"], result: "i32" },
    SSL_key_update: { parameters: ["pointer", "i32"], result: "i32" },
    SSL_renegotiate: { parameters: ["pointer"], result: "i32" },
    SSL_get_error: { parameters: ["pointer", "i32"], result: "i32" },
    SSL_get1_peer_certificate: { parameters: ["pointer"], result: "pointer" },
  }).symbols,
  ...Deno.dlopen("libcrypto.so.3", {
    ERR_clear_error: { parameters: [], result: "void" },
    ERR_get_error: { parameters: [], result: "u64" },
    ERR_error_string_n: { parameters: ["u64", "buffer", "usize"], result: "void" },
    BIO_new: { parameters: ["pointer"], result: "pointer" },
    BIO_s_mem: { parameters: [], result: "pointer" },
    BIO_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    BIO_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
    BIO_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
    EVP_sha256: { parameters: [], result: "pointer" },
    X509_digest: { parameters: ["pointer", "pointer", "buffer", "pointer"], result: "i32" },
    X509_free: { parameters: ["pointer"], result: "void" },
  }).symbols,
};

const VERSIONS = { "TLSv1.2": 0x0303n, "TLSv1.3": 0x0304n };
const WANT_READ = 2;
const ZERO_RETURN = 6;

export interface ClientOptions {
  version?: keyof typeof VERSIONS;
  serverName?: string;
  alpn?: string[];
  session?: Session;
  /** RFC 7627; true by default. */
  extendedMasterSecret?: boolean;
  /** Files. */
  certificate?: { cert: string; key: string };
}

export class Session implements Disposable {
  constructor(readonly pointer: Deno.PointerValue) {}
  [Symbol.dispose]() {
    c.SSL_SESSION_free(this.pointer);
  }
}

const cString = (text: string) => new TextEncoder().encode(text + "\0");

export class TlsClient {
  readonly #below: Endpoint;
  #ssl: Deno.PointerValue;
  #flushing: Promise<void> | undefined;
  readonly #in = c.BIO_new(c.BIO_s_mem());
  readonly #out = c.BIO_new(c.BIO_s_mem());

  constructor(below: Endpoint, options: ClientOptions = {}) {
    this.#below = below;
    const context = c.SSL_CTX_new(c.TLS_client_method());
    const { version, certificate } = options;
    if (version) {
      c.SSL_CTX_ctrl(context, 123, VERSIONS[version], null);
      c.SSL_CTX_ctrl(context, 124, VERSIONS[version], null);
    }
    if (options.extendedMasterSecret === false) c.SSL_CTX_set_options(context, 1n);
    if (certificate) {
      if (
        c.SSL_CTX_use_certificate_file(context, cString(certificate.cert), 1) !== 1 ||
        c.SSL_CTX_use_PrivateKey_file(context, cString(certificate.key), 1) !== 1
      ) throw new Error(fault());
    }
    this.#ssl = c.SSL_new(context);
    c.SSL_CTX_free(context);
    c.SSL_set_bio(this.#ssl, this.#in, this.#out);
    if (options.serverName) c.SSL_ctrl(this.#ssl, 55, 0n, cString(options.serverName));
    if (options.alpn) {
      const list = new TextEncoder().encode(
        options.alpn.map((name) => String.fromCharCode(name.length) + name).join(""),
      );
      c.SSL_set_alpn_protos(this.#ssl, list, list.length);
    }
    if (options.session) c.SSL_set_session(this.#ssl, options.session.pointer);
    c.SSL_set_connect_state(this.#ssl);
  }

  /** The ClientHello, which is then not sent. */
  hello(): Uint8Array<ArrayBuffer> {
    c.SSL_do_handshake(this.#ssl);
    return this.take();
  }

  async handshake(): Promise<this> {
    await this.#until(() => c.SSL_do_handshake(this.#ssl));
    await this.flush();
    return this;
  }

  /** @returns null at close_notify; throws at an end without one */
  async read(size = 65536): Promise<Uint8Array | null> {
    const into = new Uint8Array(size);
    const count = await this.#until(() => c.SSL_read(this.#ssl, into, size));
    return count === 0 ? null : into.subarray(0, count);
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes as Uint8Array<ArrayBuffer>;
    for (let at = 0; at < all.length; at += 65536) {
      const part = all.subarray(at, at + 65536);
      await this.#until(() => c.SSL_write(this.#ssl, part, part.length));
      await this.flush();
    }
  }

  /** Puts a KeyUpdate into what is sent next, asking for one in return. */
  keyUpdate(): void {
    if (this.#ssl === null) throw new Error("closed");
    c.SSL_key_update(this.#ssl, 1);
    c.SSL_do_handshake(this.#ssl);
  }

  renegotiate(): void {
    c.SSL_renegotiate(this.#ssl);
    c.SSL_do_handshake(this.#ssl);
  }

  async shutdown(): Promise<void> {
    c.SSL_shutdown(this.#ssl);
    await this.flush();
  }

  get resumed(): boolean {
    return c.SSL_session_reused(this.#ssl) === 1;
  }

  /** TLS 1.3: after something was read. */
  session(): Session {
    return new Session(c.SSL_get1_session(this.#ssl));
  }

  /** SHA-256 of the server's certificate, hex. */
  serverCertificate(): string {
    const certificate = c.SSL_get1_peer_certificate(this.#ssl);
    const into = new Uint8Array(32);
    c.X509_digest(certificate, c.EVP_sha256(), into, null);
    c.X509_free(certificate);
    return into.toHex();
  }

  /** Ciphertext that was made and not sent. */
  take(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(Number(c.BIO_ctrl(this.#out, 10, 0n, null)));
    if (all.length > 0) c.BIO_read(this.#out, all, all.length);
    return all;
  }

  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    if (this.#ssl === null) throw new Error("closed");
    this.#flushing = (async () => {
      const all = this.take();
      for (let at = 0; at < all.length;) at += await this.#below.write(all.subarray(at));
    })();
    await this.#flushing.finally(() => this.#flushing = undefined);
  }

  close(): void {
    this.free();
    this.#below.close();
  }

  free(): void {
    // OpenSSL takes no session up again whose connection was not shut down.
    if (this.#ssl) c.SSL_set_shutdown(this.#ssl, 3);
    c.SSL_free(this.#ssl);
    this.#ssl = null;
  }

  async #until(step: () => number): Promise<number> {
    const buffer = new Uint8Array(65536);
    for (;;) {
      if (this.#ssl === null) throw new Error("closed");
      c.ERR_clear_error();
      const result = step();
      if (result > 0) return result;
      const why = c.SSL_get_error(this.#ssl, result);
      if (why === ZERO_RETURN) return 0;
      const fatal = why === WANT_READ ? undefined : new Error(fault());
      await this.flush();
      if (fatal) throw fatal;
      const count = await this.#below.read(buffer);
      if (this.#ssl === null) throw new Error("closed");
      if (!count) throw new Error("closed without close_notify");
      c.BIO_write(this.#in, buffer, count);
    }
  }
}

function fault(): string {
  const into = new Uint8Array(256);
  c.ERR_error_string_n(c.ERR_get_error(), into, 256n);
  return new TextDecoder().decode(into.subarray(0, into.indexOf(0)));
}
