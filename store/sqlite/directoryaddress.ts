/** Login addresses: `alice@example.org`, or a bare name such as `u000`. */
import { StoreError } from "../types.ts";

/** Longest address in bytes of UTF-8 (RFC 5321 §4.5.3.1: 64 and 255, and the sign between). */
const MAX_ADDRESS = 320;

/** The address as it is kept and shown. @throws {StoreError} cannot, saying what is wrong with it */
export function checkedAddress(address: string): string {
  const normal = address.normalize("NFC");
  const fault = normal === ""
    ? "an address is empty"
    : new TextEncoder().encode(normal).length > MAX_ADDRESS
    ? `an address is longer than ${MAX_ADDRESS} bytes`
    : /[\s\p{Cc}\p{Cs}]/u.test(normal)
    ? `the address ${JSON.stringify(normal)} contains a space or a control character`
    : /^-|^anyone$/i.test(normal)
    ? `the address ${JSON.stringify(normal)} means something else in access control lists (RFC 4314 §2)`
    : undefined;
  if (fault !== undefined) throw new StoreError("cannot", fault);
  return normal;
}

/** Equal for addresses that are the same: NFC, without regard to case. */
export function foldAddress(address: string): string {
  return address.normalize("NFC").toLowerCase().normalize("NFC");
}
