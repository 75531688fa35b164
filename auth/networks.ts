/** Networks in CIDR notation, as an administrator writes them, and whether an address is in one. */
import ipaddr from "ipaddr.js";

/** Whether an address is in one of the networks. "local" is in none, and so is anything in what is no network. */
export function inNetworks(remote: string, networks: readonly string[]): boolean {
  const zone = remote.indexOf("%");
  const text = zone < 0 ? remote : remote.slice(0, zone);
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return networks.some((network) => {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [base, prefix] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, prefix);
  });
}

/**
 * A network as it is kept: "192.0.2.0/24", "2001:db8::/32". An address alone is a network of one.
 * @throws {RangeError} saying what is wrong with it
 */
export function parseNetwork(text: string): string {
  const cidr = text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
  // The library takes "10.1" and octal numbers for addresses too; an administrator would not.
  const plain = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)\/\d{1,3}$/i.test(cidr);
  if (!plain || !ipaddr.isValidCIDR(cidr)) {
    throw new RangeError(`${JSON.stringify(text)} is no network in CIDR notation`);
  }
  const [address, prefix] = ipaddr.parseCIDR(cidr);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefix >= 96) {
    return parseNetwork(`${address.toIPv4Address().toString()}/${prefix - 96}`);
  }
  const network = address.kind() === "ipv4"
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
    : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${network.toString()}/${prefix}`;
}
