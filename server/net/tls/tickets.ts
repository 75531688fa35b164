/**
 * The keys of session tickets (RFC 5077 §4, RFC 8446 §4.6.1): what lets a client take up a session again without the server keeping it.
 *
 * A key seals tickets for one lifetime and opens them for two, so each ticket is good for its whole lifetime and no key is older than two.
 * Keys are random and nowhere but here: a stolen disk opens nothing.
 */
import { cString, type OpenSsl } from "./ffi.ts";

interface TicketKey {
  /** 15 characters and a NUL, 16 bytes as OpenSSL has it. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly cipher: Uint8Array<ArrayBuffer>;
  readonly mac: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly made: number;
}

const NAME_LENGTH = 16;
const IV_LENGTH = 16;
const DIGEST = cString("digest");
const SHA256 = cString("SHA256");

/** What OpenSSL is told: the ticket cannot be used; it can, and a new one is due. */
const UNKNOWN = 0;
const FAILED = -1;
const SEALED = 1;
const RENEW = 2;

export class TicketKeys {
  readonly #openSsl: OpenSsl;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  readonly #parameters: Deno.PointerValue;
  #current: TicketKey;
  #previous: TicketKey | undefined;

  /** @param now milliseconds since 1970; for tests */
  constructor(openSsl: OpenSsl, lifetimeSeconds: number, now: () => number = Date.now) {
    this.#openSsl = openSsl;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#now = now;
    this.#parameters = digestParameter(openSsl);
    this.#current = newKey(now());
  }

  /** Makes a ticket: the callback of SSL_CTX_set_tlsext_ticket_key_evp_cb(3), which says what the arguments are. */
  seal(name: Deno.PointerValue, iv: Deno.PointerValue, cipher: Deno.PointerValue, mac: Deno.PointerValue): number {
    this.#rotate();
    const key = this.#current;
    const c = this.#openSsl;
    if (c.RAND_bytes(iv, IV_LENGTH) !== 1) return FAILED;
    c.copyName(name, key.name, BigInt(NAME_LENGTH));
    if (c.EVP_EncryptInit_ex(cipher, c.EVP_aes_256_cbc(), null, key.cipher, iv) !== 1) return FAILED;
    return this.#authenticate(mac, key) ? SEALED : FAILED;
  }

  /** Opens one; the same callback. */
  open(name: Deno.PointerValue, iv: Deno.PointerValue, cipher: Deno.PointerValue, mac: Deno.PointerValue): number {
    this.#rotate();
    const c = this.#openSsl;
    for (const key of [this.#current, this.#previous]) {
      if (!key || c.CRYPTO_memcmp(name, key.name, BigInt(NAME_LENGTH)) !== 0) continue;
      if (!this.#authenticate(mac, key)) return FAILED;
      if (c.EVP_DecryptInit_ex(cipher, c.EVP_aes_256_cbc(), null, key.cipher, iv) !== 1) return FAILED;
      // Tickets of TLS 1.3 are for one use (RFC 8446 §C.4): each resumption brings the next.
      return RENEW;
    }
    return UNKNOWN;
  }

  #authenticate(mac: Deno.PointerValue, key: TicketKey): boolean {
    return this.#openSsl.EVP_MAC_init(mac, key.mac, BigInt(key.mac.length), this.#parameters) === 1;
  }

  #rotate(): void {
    const age = this.#now() - this.#current.made;
    // A clock that was set back makes no key live longer.
    if (age >= 0 && age < this.#lifetimeMs) return;
    this.#previous = age >= 0 && age < 2 * this.#lifetimeMs ? this.#current : undefined;
    this.#current = newKey(this.#now());
  }
}

function newKey(made: number): TicketKey {
  return {
    name: cString(crypto.randomUUID().replaceAll("-", "").slice(0, NAME_LENGTH - 1)),
    cipher: crypto.getRandomValues(new Uint8Array(32)),
    mac: crypto.getRandomValues(new Uint8Array(32)),
    made,
  };
}

let digest: Deno.PointerValue = null;

/** OSSL_PARAM for HMAC-SHA-256; made once. It refers to the names, which live as long. */
function digestParameter(c: OpenSsl): Deno.PointerValue {
  if (digest !== null) return digest;
  const builder = c.OSSL_PARAM_BLD_new();
  c.OSSL_PARAM_BLD_push_utf8_string(builder, DIGEST, SHA256, 0n);
  digest = c.OSSL_PARAM_BLD_to_param(builder);
  c.OSSL_PARAM_BLD_free(builder);
  if (digest === null) throw new Error("OpenSSL: out of memory");
  return digest;
}
