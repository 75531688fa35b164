/**
 * What OpenSSL asks during a handshake: which protocol, which ticket key, and whether the client's certificate is accepted.
 *
 * Invariants: a callback runs only inside `handshaking`, on this thread; it never throws; it lives as long as the process, so no context
 * can outlive it.
 */
import type { OpenSsl } from "./ffi.ts";
import type { TicketKeys } from "./tickets.ts";

/** What one connection's handshake needs to know. */
export interface Handshaking {
  /** Protocols in the server's order, as ALPN writes them; empty: none is chosen, whatever is offered. */
  readonly alpn: Uint8Array<ArrayBuffer>;
  /** Goes on without a protocol where none is in common. */
  readonly alpnOptional: boolean;
  readonly tickets: TicketKeys;
}

/** Objects and not their addresses only, so that they stay. */
export interface Callbacks {
  readonly verify: { readonly pointer: Deno.PointerObject };
  readonly alpn: { readonly pointer: Deno.PointerObject };
  readonly ticket: { readonly pointer: Deno.PointerObject };
}

const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
const SSL_TLSEXT_ERR_NOACK = 3;
const OPENSSL_NPN_NEGOTIATED = 1;

let current: Handshaking | undefined;
let made: Callbacks | undefined;

/** Runs a step of a handshake; `step` must not wait. */
export function handshaking<T>(handshake: Handshaking, step: () => T): T {
  current = handshake;
  try {
    return step();
  } finally {
    current = undefined;
  }
}

/** The callbacks, made once. They do not keep the process alive. */
export function callbacks(openSsl: OpenSsl): Callbacks {
  if (made) return made;
  // Only the key counts, and that the client holds it TLS has proved.
  const verify = new Deno.UnsafeCallback({ parameters: ["pointer", "pointer"], result: "i32" }, () => 1);
  const alpn = new Deno.UnsafeCallback(
    { parameters: ["pointer", "pointer", "pointer", "pointer", "u32", "pointer"], result: "i32" },
    (_ssl, out, outLength, offered, offeredLength) => {
      if (!current) return SSL_TLSEXT_ERR_ALERT_FATAL;
      const { alpn, alpnOptional } = current;
      if (alpn.length === 0) return SSL_TLSEXT_ERR_NOACK;
      const found = openSsl.SSL_select_next_proto(out, outLength, alpn, alpn.length, offered, offeredLength);
      if (found === OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_OK;
      return alpnOptional ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_ALERT_FATAL;
    },
  );
  const ticket = new Deno.UnsafeCallback(
    { parameters: ["pointer", "pointer", "pointer", "pointer", "pointer", "i32"], result: "i32" },
    (_ssl, name, iv, cipher, mac, sealing) => {
      if (!current) return -1;
      return sealing ? current.tickets.seal(name, iv, cipher, mac) : current.tickets.open(name, iv, cipher, mac);
    },
  );
  return made = { verify, alpn, ticket };
}
