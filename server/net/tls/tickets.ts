/**
 * The keys of session tickets (RFC 5077 §4, RFC 8446 §4.6.1): what lets a client take up a session again without the server keeping it.
 *
 * A key seals tickets for one lifetime and opens them for two, so each ticket is good for its whole lifetime and no key is older than two.
 * They come from a random secret that is nowhere but in memory: a stolen disk opens nothing. At each change the next secret is made of the
 * one before by a function that cannot be reversed, which is forgotten; so threads that began with one secret always have the same keys,
 * without a word between them.
 */
import { createHmac } from "node:crypto";
import { cString, type OpenSsl } from "./ffi.ts";
import { clock, type TicketSecret } from "./ticketsecret.ts";

interface TicketKey {
  /** 15 characters and a NUL, 16 bytes as OpenSSL has it. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly cipher: Uint8Array<ArrayBuffer>;
  readonly mac: Uint8Array<ArrayBuffer>;
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
  readonly #parameters: Deno.PointerValue;
  #secret: TicketSecret;
  #current: TicketKey;
  #previous: TicketKey | undefined;

  constructor(openSsl: OpenSsl, lifetimeSeconds: number, secret: TicketSecret) {
    this.#openSsl = openSsl;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#parameters = digestParameter(openSsl);
    this.#secret = secret;
    this.#current = keyOf(secret);
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
    for (const now = clock(); now - this.#secret.made >= this.#lifetimeMs;) {
      this.#secret = { bytes: derived(this.#secret, "next"), made: this.#secret.made + this.#lifetimeMs };
      this.#previous = this.#current;
      this.#current = keyOf(this.#secret);
    }
  }
}

function keyOf(secret: TicketSecret): TicketKey {
  return {
    name: cString(derived(secret, "name").toHex().slice(0, NAME_LENGTH - 1)),
    cipher: derived(secret, "cipher"),
    mac: derived(secret, "mac"),
  };
}

function derived({ bytes }: TicketSecret, purpose: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac("sha256", bytes).update(purpose).digest());
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
