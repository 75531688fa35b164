/**
 * The classes of an address: itself and the networks around it, so that somebody who has a whole network is counted as one.
 * A wider class is allowed more.
 */
import ipaddr from "ipaddr.js";

export interface AddressClass {
  /** Equal for addresses of one class, such as `192.0.2.64/26`. */
  readonly key: string;
  /** A limit holds this many times over for the class. */
  readonly factor: 1 | 3 | 9;
}

const FACTORS = [1, 3, 9] as const;
const IPV4_PREFIXES = [32, 26, 21] as const;
const IPV6_PREFIXES = [64, 48, 32] as const;

/**
 * IPv4: /32, /26, /21; IPv6: /64, /48, /32. IPv4 addresses written as IPv6 (::ffff:192.0.2.1) are IPv4. "local" has no class:
 * it is never limited. Any other text that is no address is a class of its own.
 */
export function addressClasses(ip: string): AddressClass[] {
  if (ip === "local") return [];
  const zone = ip.indexOf("%");
  const text = zone < 0 ? ip : ip.slice(0, zone);
  if (!ipaddr.isValid(text)) return [{ key: text, factor: 1 }];
  const address = ipaddr.process(text);
  const prefixes = address.kind() === "ipv4" ? IPV4_PREFIXES : IPV6_PREFIXES;
  const bytes = address.toByteArray();
  return prefixes.map((prefix, at) => {
    const network = ipaddr.fromByteArray(masked(bytes, prefix));
    return { key: `${network.toString()}/${prefix}`, factor: FACTORS[at] };
  });
}

function masked(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * at))) & 0xff);
}
