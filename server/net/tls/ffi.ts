/**
 * The whole foreign surface: the functions of libssl 3 and libcrypto 3, and of the C library below them, that the engine calls.
 *
 * Invariant: only `loadOpenSsl` and `Deno.UnsafeCallback` in callbacks.ts need the permission `ffi`, at start. Later nothing reads or writes
 * foreign memory but the libraries themselves, so a process may give the permission back as soon as the engine is open.
 */
import { getLogger } from "@logtape/logtape";

const logger = getLogger(["roost", "tls"]);

const LIBSSL = {
  TLS_server_method: { parameters: [], result: "pointer" },
  SSL_CTX_new: { parameters: ["pointer"], result: "pointer" },
  SSL_CTX_free: { parameters: ["pointer"], result: "void" },
  SSL_CTX_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
  SSL_CTX_set_options: { parameters: ["pointer", "u64"], result: "u64" },
  SSL_CTX_set_cipher_list: { parameters: ["pointer", "buffer"], result: "i32" },
  SSL_CTX_set_ciphersuites: { parameters: ["pointer", "buffer"], result: "i32" },
  SSL_CTX_set_num_tickets: { parameters: ["pointer", "usize"], result: "i32" },
  SSL_CTX_set_timeout: { parameters: ["pointer", "i64"], result: "i64" },
  SSL_CTX_set_session_id_context: { parameters: ["pointer", "buffer", "u32"], result: "i32" },
  SSL_CTX_set_verify: { parameters: ["pointer", "i32", "pointer"], result: "void" },
  SSL_CTX_set_cert_verify_callback: { parameters: ["pointer", "function", "pointer"], result: "void" },
  SSL_CTX_set_alpn_select_cb: { parameters: ["pointer", "function", "pointer"], result: "void" },
  SSL_CTX_set_tlsext_ticket_key_evp_cb: { parameters: ["pointer", "function"], result: "i32" },
  SSL_CTX_use_certificate: { parameters: ["pointer", "pointer"], result: "i32" },
  SSL_CTX_use_PrivateKey: { parameters: ["pointer", "pointer"], result: "i32" },
  SSL_CTX_check_private_key: { parameters: ["pointer"], result: "i32" },
  SSL_CTX_get0_certificate: { parameters: ["pointer"], result: "pointer" },
  SSL_new: { parameters: ["pointer"], result: "pointer" },
  SSL_free: { parameters: ["pointer"], result: "void" },
  SSL_set0_rbio: { parameters: ["pointer", "pointer"], result: "void" },
  SSL_set0_wbio: { parameters: ["pointer", "pointer"], result: "void" },
  SSL_set_accept_state: { parameters: ["pointer"], result: "void" },
  SSL_do_handshake: { parameters: ["pointer"], result: "i32" },
  SSL_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  SSL_shutdown: { parameters: ["pointer"], result: "i32" },
  SSL_get_error: { parameters: ["pointer", "i32"], result: "i32" },
  SSL_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
  SSL_version: { parameters: ["pointer"], result: "i32" },
  SSL_session_reused: { parameters: ["pointer"], result: "i32" },
  SSL_get_current_cipher: { parameters: ["pointer"], result: "pointer" },
  SSL_CIPHER_standard_name: { parameters: ["pointer"], result: "pointer" },
  SSL_get0_alpn_selected: { parameters: ["pointer", "buffer", "buffer"], result: "void" },
  SSL_get1_peer_certificate: { parameters: ["pointer"], result: "pointer" },
  SSL_get_finished: { parameters: ["pointer", "buffer", "usize"], result: "usize" },
  SSL_get_peer_finished: { parameters: ["pointer", "buffer", "usize"], result: "usize" },
  SSL_export_keying_material: {
    parameters: ["pointer", "buffer", "usize", "buffer", "usize", "buffer", "usize", "i32"],
    result: "i32",
  },
  SSL_select_next_proto: { parameters: ["pointer", "pointer", "buffer", "u32", "pointer", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const LIBCRYPTO = {
  ERR_clear_error: { parameters: [], result: "void" },
  ERR_peek_last_error: { parameters: [], result: "u64" },
  ERR_error_string_n: { parameters: ["u64", "buffer", "usize"], result: "void" },
  BIO_new: { parameters: ["pointer"], result: "pointer" },
  BIO_s_mem: { parameters: [], result: "pointer" },
  BIO_free: { parameters: ["pointer"], result: "i32" },
  BIO_read: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  BIO_write: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
  BIO_ctrl: { parameters: ["pointer", "i32", "i64", "pointer"], result: "i64" },
  /** BIO_write from an address that OpenSSL gave. */
  bioWriteFrom: { name: "BIO_write", parameters: ["pointer", "usize", "i32"], result: "i32" },
  PEM_read_bio_X509: { parameters: ["pointer", "pointer", "pointer", "pointer"], result: "pointer" },
  PEM_read_bio_PrivateKey: { parameters: ["pointer", "pointer", "pointer", "buffer"], result: "pointer" },
  X509_free: { parameters: ["pointer"], result: "void" },
  X509_get_X509_PUBKEY: { parameters: ["pointer"], result: "pointer" },
  X509_digest: { parameters: ["pointer", "pointer", "buffer", "buffer"], result: "i32" },
  X509_get_signature_info: { parameters: ["pointer", "buffer", "pointer", "pointer", "pointer"], result: "i32" },
  X509_check_host: { parameters: ["pointer", "buffer", "usize", "u32", "pointer"], result: "i32" },
  i2d_X509_PUBKEY_bio: { parameters: ["pointer", "pointer"], result: "i32" },
  EVP_PKEY_free: { parameters: ["pointer"], result: "void" },
  EVP_sha256: { parameters: [], result: "pointer" },
  EVP_get_digestbyname: { parameters: ["pointer"], result: "pointer" },
  OBJ_nid2sn: { parameters: ["i32"], result: "pointer" },
  EVP_aes_256_cbc: { parameters: [], result: "pointer" },
  EVP_EncryptInit_ex: { parameters: ["pointer", "pointer", "pointer", "buffer", "pointer"], result: "i32" },
  EVP_DecryptInit_ex: { parameters: ["pointer", "pointer", "pointer", "buffer", "pointer"], result: "i32" },
  EVP_MAC_init: { parameters: ["pointer", "buffer", "usize", "pointer"], result: "i32" },
  OSSL_PARAM_BLD_new: { parameters: [], result: "pointer" },
  OSSL_PARAM_BLD_push_utf8_string: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "i32" },
  OSSL_PARAM_BLD_to_param: { parameters: ["pointer"], result: "pointer" },
  OSSL_PARAM_BLD_free: { parameters: ["pointer"], result: "void" },
  RAND_bytes: { parameters: ["pointer", "i32"], result: "i32" },
  CRYPTO_memcmp: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
  /** Copies text out of foreign memory; `copyName` into it. */
  OPENSSL_strlcpy: { parameters: ["buffer", "pointer", "usize"], result: "usize" },
  copyName: { name: "OPENSSL_strlcpy", parameters: ["pointer", "buffer", "usize"], result: "usize" },
  /** The C library's, which OpenSSL's memory is from; glibc has it. It takes some milliseconds, so not on this thread. */
  malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true, optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

export type OpenSsl =
  & Deno.StaticForeignLibraryInterface<typeof LIBSSL>
  & Deno.StaticForeignLibraryInterface<typeof LIBCRYPTO>;

/** Constants of openssl/ssl.h, tls1.h, bio.h and x509v3.h. */
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_ZERO_RETURN = 6;
export const BIO_CTRL_PENDING = 10;

let loaded: OpenSsl | undefined;

/**
 * The libraries, loaded once and never unloaded.
 * @returns undefined where they are missing or may not be used; the log says why at debug
 */
export function loadOpenSsl(): OpenSsl | undefined {
  if (loaded) return loaded;
  // Asked for, not tried: trying would ask whoever sits at the terminal. Callbacks need the whole permission, paths are not enough.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    logger.debug("OpenSSL is not used: no permission (--allow-ffi)");
    return undefined;
  }
  try {
    const ssl = Deno.dlopen("libssl.so.3", LIBSSL);
    const crypto = Deno.dlopen("libcrypto.so.3", LIBCRYPTO);
    loaded = { ...ssl.symbols, ...crypto.symbols };
  } catch (error) {
    logger.debug("OpenSSL is not used: {error}", { error });
  }
  return loaded;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text as C takes it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${text}\0`);
}

/** Text that OpenSSL keeps, up to 255 bytes. */
export function textAt(openSsl: OpenSsl, pointer: Deno.PointerValue): string {
  if (pointer === null) return "";
  const into = new Uint8Array(256);
  openSsl.OPENSSL_strlcpy(into, pointer, BigInt(into.length));
  return untilNul(into);
}

/** What OpenSSL says went wrong: the last of its queue, which is nearest to what was asked for. Empties the queue. */
export function errorText(openSsl: OpenSsl): string {
  const code = openSsl.ERR_peek_last_error();
  openSsl.ERR_clear_error();
  if (code === 0n) return "unknown error";
  const into = new Uint8Array(256);
  openSsl.ERR_error_string_n(code, into, BigInt(into.length));
  // error:0A00010B:SSL routines::wrong version number
  return untilNul(into).split(":").slice(4).join(":");
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
