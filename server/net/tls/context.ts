/**
 * One certificate with all that handshakes need: an SSL_CTX. TLS 1.2 and 1.3 only.
 *
 * Invariants: a context is whole or not made; it is freed once by us, and by OpenSSL when its last connection is gone.
 */
import type { Callbacks } from "./callbacks.ts";
import { cString, errorText, type OpenSsl } from "./ffi.ts";

/** PEM texts: the certificate with its chain, and its private key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Forward secret with authenticated encryption only (RFC 9325 §4.2); a client without AES in its processor gets ChaCha20. */
const CIPHERS_TLS12 = cString("ECDHE+AESGCM:ECDHE+CHACHA20");
const CIPHERS_TLS13 = cString("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256");

const SSL_OP_NO_COMPRESSION = 1n << 17n;
const SSL_OP_PRIORITIZE_CHACHA = 1n << 21n;
const SSL_OP_CIPHER_SERVER_PREFERENCE = 1n << 22n;
const SSL_OP_NO_RENEGOTIATION = 1n << 30n;
const SSL_MODE_NO_AUTO_CHAIN = 0x8n;
const SSL_MODE_RELEASE_BUFFERS = 0x10n;
const SSL_CTRL_MODE = 33;
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_MAX_CERT_LIST = 51;
const SSL_CTRL_CHAIN_CERT = 89;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const TLS1_2_VERSION = 0x0303n;
const SSL_VERIFY_PEER = 1;
const X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 4;
const EVP_MAX_MD_SIZE = 64;
/** What OpenSSL says where a PEM text has no further block. */
const PEM_END = "no start line";
/** Of a client's certificate chain. */
const MAX_CERTIFICATES = 16n * 1024n;
/** RFC 5929 §4.1: these count as SHA-256. */
const BROKEN_DIGESTS = [4, /* md5 */ 64, /* sha1 */ 114 /* md5-sha1 */];

export class TlsContext {
  readonly #openSsl: OpenSsl;
  #pointer: Deno.PointerValue;
  readonly pair: KeyPair;
  /** tls-server-end-point (RFC 5929 §4); undefined for certificates that are signed without a hash function, as with Ed25519. */
  readonly endPoint: Uint8Array<ArrayBuffer> | undefined;

  /** @throws {Error} what is wrong with the pair */
  constructor(openSsl: OpenSsl, callbacks: Callbacks, pair: KeyPair, ticketLifetimeSeconds: number) {
    this.#openSsl = openSsl;
    this.pair = pair;
    openSsl.ERR_clear_error();
    this.#pointer = openSsl.SSL_CTX_new(openSsl.TLS_server_method());
    demand(openSsl, this.#pointer !== null, "no TLS context");
    try {
      this.#setUp(callbacks, ticketLifetimeSeconds);
      this.#usePair(pair);
      this.endPoint = this.#endPoint();
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** A new SSL. @throws {Error} out of memory, or the context was freed */
  connection(): Deno.PointerObject {
    const ssl = this.#pointer && this.#openSsl.SSL_new(this.#pointer);
    if (!ssl) throw new Error("no TLS connection");
    return ssl;
  }

  /** Whether the certificate is for this host (RFC 9525). */
  isFor(host: string): boolean {
    const name = cString(host);
    const certificate = this.#openSsl.SSL_CTX_get0_certificate(this.#pointer);
    const flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return this.#openSsl.X509_check_host(certificate, name, BigInt(name.length - 1), flags, null) === 1;
  }

  /** Connections that have it go on. */
  free(): void {
    this.#openSsl.SSL_CTX_free(this.#pointer);
    this.#pointer = null;
  }

  #setUp(callbacks: Callbacks, ticketLifetimeSeconds: number): void {
    const c = this.#openSsl;
    const context = this.#pointer;
    const control = (command: number, value: bigint) => c.SSL_CTX_ctrl(context, command, value, null);
    demand(c, control(SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION) === 1n, "no TLS 1.2");
    demand(c, c.SSL_CTX_set_cipher_list(context, CIPHERS_TLS12) === 1, "no ciphers");
    demand(c, c.SSL_CTX_set_ciphersuites(context, CIPHERS_TLS13) === 1, "no ciphers");
    c.SSL_CTX_set_options(
      context,
      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA,
    );
    control(SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    // Sessions live in the clients' tickets, none here.
    control(SSL_CTRL_SET_SESS_CACHE_MODE, 0n);
    control(SSL_CTRL_SET_MAX_CERT_LIST, MAX_CERTIFICATES);
    c.SSL_CTX_set_timeout(context, BigInt(ticketLifetimeSeconds));
    demand(c, c.SSL_CTX_set_num_tickets(context, 1n) === 1, "no tickets");
    demand(c, c.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, callbacks.ticket.pointer) === 1, "no tickets");
    c.SSL_CTX_set_alpn_select_cb(context, callbacks.alpn.pointer, null);
    // Asked for, never required. In place of OpenSSL's whole check, so that no foreign chain is worked through.
    c.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, null);
    c.SSL_CTX_set_cert_verify_callback(context, callbacks.verify.pointer, null);
  }

  #usePair({ cert, key }: KeyPair): void {
    const c = this.#openSsl;
    const certificates = memoryBio(c, cert);
    try {
      for (let count = 0;; count++) {
        const certificate = c.PEM_read_bio_X509(certificates, null, null, null);
        if (certificate === null) {
          const why = errorText(c);
          // Anything else is a chain that breaks off.
          if (count > 0 && why === PEM_END) break;
          throw new Error(`certificate: ${why}`);
        }
        if (count === 0) {
          const taken = c.SSL_CTX_use_certificate(this.#pointer, certificate);
          c.X509_free(certificate);
          demand(c, taken === 1, "certificate");
        } else {
          // Not counted up: the context takes ours.
          const taken = c.SSL_CTX_ctrl(this.#pointer, SSL_CTRL_CHAIN_CERT, 0n, certificate);
          if (taken !== 1n) c.X509_free(certificate);
          demand(c, taken === 1n, "certificate chain");
        }
      }
    } finally {
      c.BIO_free(certificates);
    }
    const keys = memoryBio(c, key);
    // An empty passphrase: without one OpenSSL would ask the terminal.
    const privateKey = c.PEM_read_bio_PrivateKey(keys, null, null, cString(""));
    c.BIO_free(keys);
    demand(c, privateKey !== null, "private key");
    const taken = c.SSL_CTX_use_PrivateKey(this.#pointer, privateKey);
    c.EVP_PKEY_free(privateKey);
    demand(c, taken === 1 && c.SSL_CTX_check_private_key(this.#pointer) === 1, "private key");
    // A session is taken up only under the very certificate that it began with: the client binds to that.
    const id = this.#digest(c.EVP_sha256());
    demand(c, c.SSL_CTX_set_session_id_context(this.#pointer, id, id.length) === 1, "session context");
  }

  #endPoint(): Uint8Array<ArrayBuffer> | undefined {
    const c = this.#openSsl;
    const nid = new Int32Array(1);
    const certificate = c.SSL_CTX_get0_certificate(this.#pointer);
    const known = c.X509_get_signature_info(certificate, nid, null, null, null) === 1 && nid[0] !== 0;
    c.ERR_clear_error();
    if (!known) return undefined;
    if (BROKEN_DIGESTS.includes(nid[0])) return this.#digest(c.EVP_sha256());
    const digest = c.EVP_get_digestbyname(c.OBJ_nid2sn(nid[0]));
    return digest === null ? undefined : this.#digest(digest);
  }

  /** Of the server's certificate. */
  #digest(digest: Deno.PointerValue): Uint8Array<ArrayBuffer> {
    const c = this.#openSsl;
    const into = new Uint8Array(EVP_MAX_MD_SIZE);
    const length = new Uint32Array(1);
    const certificate = c.SSL_CTX_get0_certificate(this.#pointer);
    demand(c, c.X509_digest(certificate, digest, into, length) === 1, "certificate");
    return into.slice(0, length[0]);
  }
}

function memoryBio(c: OpenSsl, text: string): Deno.PointerValue {
  const bytes = new TextEncoder().encode(text);
  const bio = c.BIO_new(c.BIO_s_mem());
  if (bytes.length > 0) demand(c, bio !== null && c.BIO_write(bio, bytes, bytes.length) === bytes.length, "memory");
  return bio;
}

function demand(c: OpenSsl, condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what}: ${errorText(c)}`);
}
