/** Login addresses: `alice@example.org`, or a bare name such as `u000`; `@example.org` for all of a domain that nobody has; domains. */
import { domainToASCII } from "node:url";
import { StoreError } from "../types.ts";

/** Longest address in bytes of UTF-8 (RFC 5321 §4.5.3.1: 64 and 255, and the sign between). */
const MAX_ADDRESS = 320;
const MAX_DOMAIN = 255;

/** The address as it is kept and shown. @throws {StoreError} cannot, saying what is wrong with it */
export function checkedAddress(address: string): string {
  const normal = checkedName(address);
  if (normal.startsWith("@")) throw new StoreError("cannot", `the address ${normal} has nothing before its @`);
  return normal;
}

/** The same for an address that may also be `@domain`, all of a domain. @throws {StoreError} cannot */
export function checkedAlias(address: string): string {
  return address.startsWith("@") ? `@${checkedDomain(address.slice(1))}` : checkedAddress(address);
}

/** A domain as it is kept and shown. @throws {StoreError} cannot */
export function checkedDomain(domain: string): string {
  const normal = domain.normalize("NFC").toLowerCase();
  if (!/^[^\s\p{C}@/]+$/u.test(normal) || domainToASCII(normal) === "" || byteLength(domainKey(normal)) > MAX_DOMAIN) {
    throw new StoreError("cannot", `${JSON.stringify(normal)} is no domain`);
  }
  return normal;
}

function checkedName(address: string): string {
  const normal = address.normalize("NFC");
  const fault = normal === ""
    ? "an address is empty"
    : byteLength(normal) > MAX_ADDRESS
    ? `an address is longer than ${MAX_ADDRESS} bytes`
    : /[\s\p{Cc}\p{Cs}]/u.test(normal)
    ? `the address ${JSON.stringify(normal)} contains a space or a control character`
    : /^-|^anyone$/i.test(normal)
    ? `the address ${JSON.stringify(normal)} means something else in access control lists (RFC 4314 §2)`
    : undefined;
  if (fault !== undefined) throw new StoreError("cannot", fault);
  return normal;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Equal for addresses that are the same: NFC, without regard to case. */
export function foldAddress(address: string): string {
  return address.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Equal for domains that are the same, in Unicode or in ASCII (RFC 5890 §2.3.2.1). */
export function domainKey(domain: string): string {
  return domainToASCII(domain) || foldAddress(domain);
}

/** The key of an address's domain; "" where it has none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 0 ? "" : domainKey(address.slice(at + 1));
}
