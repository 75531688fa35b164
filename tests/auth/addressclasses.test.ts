import assert from "node:assert/strict";
import { addressClasses } from "../../auth/addressclasses.ts";

const keys = (ip: string) => addressClasses(ip).map(({ key }) => key);

Deno.test("an IPv4 address is in three classes, wider ones with more room", () => {
  assert.deepEqual(addressClasses("192.0.2.77"), [
    { key: "192.0.2.77/32", factor: 1 },
    { key: "192.0.2.64/26", factor: 3 },
    { key: "192.0.0.0/21", factor: 9 },
  ]);
});

Deno.test("an IPv6 address is in three classes, the narrowest a network", () => {
  assert.deepEqual(addressClasses("2001:db8:1:2:3:4:5:6"), [
    { key: "2001:db8:1:2::/64", factor: 1 },
    { key: "2001:db8:1::/48", factor: 3 },
    { key: "2001:db8::/32", factor: 9 },
  ]);
});

Deno.test("an IPv4 address written as IPv6 is the IPv4 address", () => {
  assert.deepEqual(keys("::ffff:192.0.2.77"), keys("192.0.2.77"));
  assert.deepEqual(keys("::ffff:c000:24d"), keys("192.0.2.77"));
});

Deno.test("a zone does not count; spellings of one address are one", () => {
  assert.deepEqual(keys("fe80::1%eth0"), keys("fe80:0:0:0::2"));
});

Deno.test("loopback is an address like any other, local is none", () => {
  assert.equal(keys("127.0.0.1").length, 3);
  assert.equal(keys("::1").length, 3);
  assert.deepEqual(keys("local"), []);
});

Deno.test("what is no address is a class of its own", () => {
  assert.deepEqual(addressClasses("nonsense"), [{ key: "nonsense", factor: 1 }]);
});
