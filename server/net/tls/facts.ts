/** What a finished handshake agreed on, and what logins can be bound to. */
import { createHash } from "node:crypto";
import type { BindingType, TlsFacts } from "../../../auth/types.ts";
import { BIO_CTRL_PENDING, cString, type OpenSsl, textAt } from "./ffi.ts";
import type { SslHandle } from "./handle.ts";

const TLS1_3_VERSION = 0x0304;
const SSL_CTRL_GET_EXTMS_SUPPORT = 122;
/** RFC 9266 §2. */
const EXPORTER_LABEL = cString("EXPORTER-Channel-Binding");
const EXPORTER_LENGTH = 32;
/** RFC 5246 §7.4.9: 12 bytes, or what a cipher says. */
const MAX_FINISHED = 64;

export class HandshakeFacts implements TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly resumed: boolean;
  readonly serverName?: string;
  readonly alpn?: string;
  readonly clientKey?: string;
  readonly bindings: readonly BindingType[];
  readonly #openSsl: OpenSsl;
  readonly #handle: SslHandle;
  readonly #endPoint: Uint8Array<ArrayBuffer> | undefined;

  constructor(openSsl: OpenSsl, handle: SslHandle, serverName?: string, endPoint?: Uint8Array<ArrayBuffer>) {
    this.#openSsl = openSsl;
    this.#handle = handle;
    this.#endPoint = endPoint;
    const ssl = handle.pointer;
    const tls13 = openSsl.SSL_version(ssl) === TLS1_3_VERSION;
    this.version = tls13 ? "TLSv1.3" : "TLSv1.2";
    this.cipher = textAt(openSsl, openSsl.SSL_CIPHER_standard_name(openSsl.SSL_get_current_cipher(ssl)));
    this.resumed = openSsl.SSL_session_reused(ssl) === 1;
    this.serverName = serverName;
    this.alpn = selectedProtocol(openSsl, ssl);
    this.clientKey = peerKey(openSsl, ssl);
    // Without the extended master secret somebody between can make two sessions with the same keys (RFC 7627 §1): those are not bound to,
    // but a first handshake's Finished still is its own.
    const extended = tls13 || openSsl.SSL_ctrl(ssl, SSL_CTRL_GET_EXTMS_SUPPORT, 0n, null) === 1n;
    const bindings: BindingType[] = [];
    if (extended) bindings.push("tls-exporter");
    if (!tls13 && (extended || !this.resumed)) bindings.push("tls-unique");
    if (endPoint) bindings.push("tls-server-end-point");
    // TLS 1.3 has no tls-unique (RFC 9266 §1), but Cyrus SASL's clients know nothing else, and take the same bytes: a Finished is no
    // less bound to its handshake there.
    if (tls13) bindings.push("tls-unique");
    this.bindings = bindings;
  }

  binding(type: BindingType): Uint8Array | undefined {
    if (this.#handle.freed || !this.bindings.includes(type)) return undefined;
    switch (type) {
      case "tls-exporter":
        return this.#exporter();
      case "tls-unique":
        return this.#unique();
      case "tls-server-end-point":
        return this.#endPoint?.slice();
    }
  }

  /** With an empty context, which TLS 1.2 tells from none (RFC 5705 §4), as RFC 9266 §2 has it and GnuTLS does. */
  #exporter(): Uint8Array | undefined {
    const into = new Uint8Array(EXPORTER_LENGTH);
    const none = new Uint8Array(1);
    this.#openSsl.ERR_clear_error();
    const done = this.#openSsl.SSL_export_keying_material(
      this.#handle.pointer,
      into,
      BigInt(into.length),
      EXPORTER_LABEL,
      BigInt(EXPORTER_LABEL.length - 1),
      none,
      0n,
      1,
    );
    return done === 1 ? into : undefined;
  }

  /** The first Finished of the handshake (RFC 5929 §3.1): the client's, or the server's where a session was taken up again. */
  #unique(): Uint8Array | undefined {
    const into = new Uint8Array(MAX_FINISHED);
    const size = BigInt(into.length);
    const ssl = this.#handle.pointer;
    const length = this.resumed
      ? this.#openSsl.SSL_get_finished(ssl, into, size)
      : this.#openSsl.SSL_get_peer_finished(ssl, into, size);
    return length > 0n && length <= size ? into.slice(0, Number(length)) : undefined;
  }
}

function selectedProtocol(c: OpenSsl, ssl: Deno.PointerObject): string | undefined {
  const address = new BigUint64Array(1);
  const length = new Uint32Array(1);
  c.SSL_get0_alpn_selected(ssl, address, length);
  if (address[0] === 0n || length[0] === 0) return undefined;
  const bio = c.BIO_new(c.BIO_s_mem());
  const into = new Uint8Array(length[0]);
  c.bioWriteFrom(bio, address[0], into.length);
  c.BIO_read(bio, into, into.length);
  c.BIO_free(bio);
  return String.fromCharCode(...into);
}

/** SHA-256 of the SubjectPublicKeyInfo; of the session's certificate where one was taken up again. */
function peerKey(c: OpenSsl, ssl: Deno.PointerObject): string | undefined {
  const certificate = c.SSL_get1_peer_certificate(ssl);
  if (certificate === null) return undefined;
  const bio = c.BIO_new(c.BIO_s_mem());
  try {
    if (c.i2d_X509_PUBKEY_bio(bio, c.X509_get_X509_PUBKEY(certificate)) !== 1) return undefined;
    const der = new Uint8Array(Number(c.BIO_ctrl(bio, BIO_CTRL_PENDING, 0n, null)));
    if (der.length === 0 || c.BIO_read(bio, der, der.length) !== der.length) return undefined;
    return createHash("sha256").update(der).digest("hex");
  } finally {
    c.BIO_free(bio);
    c.X509_free(certificate);
  }
}
