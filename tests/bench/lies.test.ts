/** Scenarios through a proxy that falsifies one thing in what the server says: each lie must be found. */
import assert from "node:assert/strict";
import { WrongAnswer } from "../../scripts/bench/check.ts";
import { Run, type Scale, SCALES, type Scenario } from "../../scripts/bench/run.ts";
import { append } from "../../scripts/bench/scenarios/append.ts";
import { copy } from "../../scripts/bench/scenarios/copy.ts";
import { fetchBodies } from "../../scripts/bench/scenarios/fetchbodies.ts";
import { fetchEnvelope } from "../../scripts/bench/scenarios/fetchenvelope.ts";
import { fetchFlags } from "../../scripts/bench/scenarios/fetchflags.ts";
import { fetchHeaders } from "../../scripts/bench/scenarios/fetchheaders.ts";
import { resync } from "../../scripts/bench/scenarios/resync.ts";
import { search } from "../../scripts/bench/scenarios/search.ts";
import { selectLarge } from "../../scripts/bench/scenarios/select.ts";
import { store } from "../../scripts/bench/scenarios/store.ts";
import { type BenchServer, startRoost } from "../../scripts/bench/servers.ts";

/** Changes lines of text, a character a byte. */
type Lie = (lines: string) => string;

const scale: Scale = {
  ...SCALES.small,
  large: 100,
  middle: 60,
  bodies: 60,
  one: 100_000,
  appended: 16,
  stored: 50,
  fresh: 30,
};

const nextDigit = (_: string, digits: string, last: string) => `${digits}${(Number(last) + 1) % 10}`;

const LIES: readonly [string, Scenario, Lie][] = [
  ["a message too many is told to exist", selectLarge, (lines) => lines.replace("* 100 EXISTS", "* 101 EXISTS")],
  ["a FETCH response is missing", fetchFlags, (lines) => lines.replace(/^\* 77 FETCH .*\r\n/m, "")],
  [
    "a FETCH response comes twice, another is missing",
    fetchFlags,
    (lines) => lines.replace(/^\* 77 FETCH/m, "* 76 FETCH"),
  ],
  ["a flag is another", fetchFlags, (lines) => lines.replace(/^(\* 77 FETCH .*)\\Seen/m, "$1\\Draft")],
  ["UIDs do not ascend", fetchFlags, (lines) => lines.replace(/^(\* 7 FETCH \(UID )\d+/m, "$16")],
  ["a size is off by one", fetchEnvelope, (lines) => lines.replace(/(RFC822\.SIZE \d*)(\d)/, nextDigit)],
  ["a body has another type", fetchEnvelope, (lines) => lines.replace(/"alternative"/i, '"alternatiwe"')],
  ["a subject is another", fetchEnvelope, (lines) => lines.replace("Quarterly", "Quaterly")],
  ["a date is another", fetchEnvelope, (lines) => lines.replace(/-2021 (\d\d:\d\d:\d)(\d)/, "-2022 $1$2")],
  ["a header field has another name", fetchHeaders, (lines) => lines.replace(/^Date: /m, "Dade: ")],
  ["one byte of a body is another", fetchBodies, (lines) => lines.replace("We should talk", "We shauld talk")],
  ["a hit of SEARCH is lost", search, (lines) => lines.replace(/^(\* SEARCH .*) \d+\r\n/m, "$1\r\n")],
  ["a hit of SEARCH is invented", search, (lines) => lines.replace(/^\* SEARCH\r\n/m, "* SEARCH 5\r\n")],
  ["STORE does not tell one message", store, (lines) => lines.replace(/^\* 5 FETCH .*\r\n/m, "")],
  ["a copy has another size", copy, (lines) => lines.replace(/(RFC822\.SIZE \d*)(\d)/, nextDigit)],
  ["MOVE does not tell one EXPUNGE", copy, (lines) => lines.replace(/^\* \d+ EXPUNGE\r\n/m, "")],
  ["an appended message is missing", append, (lines) => lines.replace("* 16 EXISTS", "* 15 EXISTS")],
  ["QRESYNC forgets a change", resync, (lines) => lines.replace(/^\* 50 FETCH .*MODSEQ.*\r\n/m, "")],
];

Deno.test("lies are found", { sanitizeOps: false, sanitizeResources: false }, async (t) => {
  const roost = await startRoost();
  try {
    for (const scenario of new Set(LIES.map(([, scenario]) => scenario))) {
      await t.step(`${scenario.name}: the truth is taken`, () => through(roost, scenario, (lines) => lines));
    }
    for (const [what, scenario, lie] of LIES) {
      await t.step(`${scenario.name}: ${what}`, () => assert.rejects(through(roost, scenario, lie), WrongAnswer));
    }
  } finally {
    await roost.close();
  }
});

/** One round, with a proxy before the server that never restarts. */
async function through(roost: BenchServer, scenario: Scenario, lie: Lie): Promise<void> {
  const honest = new Run(roost, scale, scenario.name, 0);
  await scenario.prepare?.(honest);
  honest.close();
  using proxy = new Proxy(roost.imapPort, lie);
  const server: BenchServer = { ...roost, pid: roost.pid, imapPort: proxy.port, restart: async () => {} };
  const run = new Run(server, scale, scenario.name, 0);
  try {
    await scenario.measure(run);
  } finally {
    run.close();
  }
}

class Proxy {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor(readonly target: number, readonly lie: Lie) {
    this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #serve(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
      const lies = new LineEdit(this.lie);
      // One of them is closed first; the other then ends with an error that says no more than that.
      client.readable.pipeTo(server.writable).catch(() => {});
      server.readable.pipeThrough(new TransformStream(lies)).pipeTo(client.writable).catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** Whole lines are edited together; what is no whole line waits for its end. */
class LineEdit implements Transformer<Uint8Array, Uint8Array> {
  #rest = "";

  constructor(readonly lie: Lie) {}

  transform(chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
    let text = this.#rest;
    for (let at = 0; at < chunk.length; at += 8192) text += String.fromCharCode(...chunk.subarray(at, at + 8192));
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    if (end > 0) {
      controller.enqueue(Uint8Array.from(this.lie(text.slice(0, end)), (character) => character.charCodeAt(0)));
    }
  }
}
