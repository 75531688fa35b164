import { strict as assert } from "node:assert";
import { Admission } from "../../server/net/admission.ts";
import type { AccountId } from "../../store/types.ts";

const OFF = { connectionsPerMinute: 0, connectionsPerAddress: 0, connectionsPerAccount: 0 };
const alice = 1 as AccountId;
const bob = 2 as AccountId;

function admitted(answer: ReturnType<Admission["connect"]>): () => void {
  assert(!("refused" in answer), "refused");
  return () => answer.release();
}

function refused(answer: ReturnType<Admission["connect"]>): string {
  assert("refused" in answer, "admitted");
  return answer.refused;
}

Deno.test("an address has so many connections at a time, and another when one ends", () => {
  const admission = new Admission({ ...OFF, connectionsPerAddress: 2 });
  const first = admitted(admission.connect("192.0.2.1"));
  admitted(admission.connect("192.0.2.1"));
  assert.match(refused(admission.connect("192.0.2.1")), /Too many connections/);
  admitted(admission.connect("192.0.2.2"));
  first();
  admitted(admission.connect("192.0.2.1"));
  refused(admission.connect("192.0.2.1"));
});

Deno.test("a release counts once", () => {
  const admission = new Admission({ ...OFF, connectionsPerAddress: 2 });
  const first = admitted(admission.connect("192.0.2.1"));
  admitted(admission.connect("192.0.2.1"));
  first();
  first();
  admitted(admission.connect("192.0.2.1"));
  refused(admission.connect("192.0.2.1"));
});

Deno.test("the networks around an address have three and nine times as many", () => {
  const admission = new Admission({ ...OFF, connectionsPerAddress: 1 });
  for (const last of [1, 2, 3]) admitted(admission.connect(`192.0.2.${last}`));
  refused(admission.connect("192.0.2.4"));
  // Other /26, same /21.
  for (const last of [65, 66, 67, 129, 130, 131]) admitted(admission.connect(`192.0.2.${last}`));
  refused(admission.connect("192.0.2.200"));
  admitted(admission.connect("192.0.8.1"));
});

Deno.test("a refused connection is not counted in any class", () => {
  const admission = new Admission({ ...OFF, connectionsPerAddress: 1 });
  const release = admitted(admission.connect("192.0.2.1"));
  for (let attempt = 0; attempt < 20; attempt++) refused(admission.connect("192.0.2.1"));
  release();
  for (const last of [1, 2, 3]) admitted(admission.connect(`192.0.2.${last}`));
});

Deno.test("IPv6 hosts are their /64", () => {
  const admission = new Admission({ ...OFF, connectionsPerAddress: 1 });
  admitted(admission.connect("2001:db8:1:1::1"));
  refused(admission.connect("2001:db8:1:1:ffff::2"));
  admitted(admission.connect("2001:db8:1:2::1"));
});

Deno.test("so many new connections a minute, over any sixty seconds", () => {
  let now = 60_000;
  const admission = new Admission({ ...OFF, connectionsPerMinute: 10 }, () => now);
  for (let count = 0; count < 10; count++) admitted(admission.connect("192.0.2.1"))();
  refused(admission.connect("192.0.2.1"));
  now += 60_000;
  // The whole last minute still counts at the first moment of this one.
  refused(admission.connect("192.0.2.1"));
  now += 30_000;
  for (let count = 0; count < 5; count++) admitted(admission.connect("192.0.2.1"));
  refused(admission.connect("192.0.2.1"));
  now += 120_000;
  for (let count = 0; count < 10; count++) admitted(admission.connect("192.0.2.1"));
  refused(admission.connect("192.0.2.1"));
});

Deno.test("an account has so many sessions from an address", () => {
  const admission = new Admission({ ...OFF, connectionsPerAccount: 1 });
  const release = admitted(admission.account("192.0.2.1", alice));
  assert.match(refused(admission.account("192.0.2.1", alice)), /account/);
  admitted(admission.account("192.0.2.2", alice));
  admitted(admission.account("192.0.2.1", bob));
  release();
  admitted(admission.account("192.0.2.1", alice));
});

Deno.test("a limit of 0 is none, and local connections have none", () => {
  const off = new Admission(OFF);
  const on = new Admission({ connectionsPerMinute: 1, connectionsPerAddress: 1, connectionsPerAccount: 1 });
  for (let count = 0; count < 1000; count++) {
    admitted(off.connect("192.0.2.1"));
    admitted(off.account("192.0.2.1", alice));
    admitted(on.connect("local"));
    admitted(on.account("local", alice));
  }
});

Deno.test("addresses without end do not take memory without end", () => {
  const admission = new Admission({ ...OFF, connectionsPerMinute: 5 }, () => 0);
  for (let count = 0; count < 5; count++) admitted(admission.connect("198.51.100.1"));
  refused(admission.connect("198.51.100.1"));
  // Each in a /21 of its own.
  for (let net = 0; net < 40_000; net++) {
    admitted(admission.connect(`${10 + (net >> 13)}.${(net >> 5) & 255}.${(net & 31) << 3}.1`));
  }
  // The first was forgotten, which says that something is forgotten.
  admitted(admission.connect("198.51.100.1"));
});
