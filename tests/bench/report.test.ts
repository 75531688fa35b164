import assert from "node:assert/strict";
import { aimOf, aimText, isMet } from "../../scripts/bench/aims.ts";
import { exponent, type Figure, median, quantile } from "../../scripts/bench/measure.ts";
import { performancePage } from "../../scripts/bench/performancepage.ts";
import { selfTimes } from "../../scripts/bench/profile.ts";
import { growthTable, type Report, startTable, table } from "../../scripts/bench/report.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

function growing(by: (size: number) => number): number {
  return exponent(SIZES.map((size) => ({ size, value: by(size) })));
}

function near(value: number, expected: number, by = 1e-9): void {
  assert.ok(Math.abs(value - expected) <= by, `${value} instead of ${expected}`);
}

Deno.test("the exponent tells how a cost grows", () => {
  near(growing(() => 5), 0);
  near(growing((size) => 3 * size), 1);
  near(growing((size) => size ** 2 / 7), 2);
  near(growing((size) => Math.sqrt(size)), 0.5);
  near(growing((size) => size * Math.log(size)), 1.1, 0.05);
  assert.ok(Number.isNaN(exponent([{ size: 10, value: 1 }])));
  assert.ok(!Number.isFinite(growing(() => 0)));
});

Deno.test("medians and quantiles", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0.99), 5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0.5), 3);
});

function figure(server: string, value: number, more: Partial<Figure> = {}): Figure {
  return {
    scenario: "append",
    what: "synchronising literals",
    server,
    round: 0,
    value,
    unit: "messages/s",
    rate: true,
    ...more,
  };
}

function reportOf(figures: readonly Figure[], more: Partial<Report> = {}): Report {
  return {
    date: "2026-01-02T03:04:05.678Z",
    scale: "small",
    machine: {
      processor: "Abacus 3000",
      cores: 2,
      memory: 8 * 2 ** 30,
      system: "Linux 6",
      fileSystem: "ext4",
      load: 0.1,
    },
    servers: [
      { name: "Roost", version: "Roost 1", durability: "everything" },
      { name: "Dovecot", version: "Dovecot 2", durability: "nearly everything" },
    ],
    titles: { append: "APPEND of messages" },
    figures,
    failures: [],
    growth: [],
    starts: [],
    ...more,
  };
}

/** The cells of the row behind the head. */
function rowOf(report: Report): string[] {
  return table(report, "append").split("\n")[2].split("|").slice(1, -1).map((cell) => cell.trim());
}

Deno.test("a row has medians, the ratio, and whether the aim is met", () => {
  const figures = [
    figure("Roost", 300),
    figure("Dovecot", 100),
    figure("Roost", 310),
    figure("Dovecot", 110),
    figure("Roost", 305),
  ];
  assert.deepEqual(rowOf(reportOf(figures)), [
    "synchronising literals",
    "messages/s",
    "305",
    "105",
    "2.90",
    "≥ 1.5 × ✓",
    "",
  ]);
  assert.equal(rowOf(reportOf([figure("Roost", 100), figure("Dovecot", 100)]))[5], "≥ 1.5 × ✗");
});

Deno.test("what a figure is limited by, and noise, are marked", () => {
  const shares = (clientCpu: number, serverCpu: number) => ({ clientCpu, serverCpu });
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.9, 0.5))]))[2], "100 C");
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.7, 1.2))]))[2], "100 M");
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.2, 1))]))[2], "100 S");
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.1, 0.2))]))[2], "100 W");
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.1, 0.6))]))[2], "100");
  assert.equal(rowOf(reportOf([figure("Roost", 100), figure("Roost", 150)]))[2], "125 ~");
  assert.equal(rowOf(reportOf([figure("Roost", 100, shares(0.2, 1))])).at(-1), "0.2/1.0");
});

Deno.test("a wrong answer voids the figures of its server", () => {
  const failures = [{ scenario: "append", server: "Roost", message: "EXISTS of x: 1 instead of 2" }];
  const report = reportOf([figure("Roost", 900), figure("Dovecot", 100)], { failures });
  assert.deepEqual(rowOf(report).slice(2, 6), ["WRONG", "100", "", "≥ 1.5 ×"]);
  assert.match(performancePage(report), /## Wrong answers[^]*EXISTS of x: 1 instead of 2/);
});

Deno.test("with one server there is no ratio", () => {
  const report = reportOf([figure("Roost", 100)], { servers: [{ name: "Roost", version: "Roost 1", durability: "" }] });
  assert.deepEqual(rowOf(report), ["synchronising literals", "messages/s", "100", "≥ 1.5 ×", ""]);
});

Deno.test("aims are of ratios or of Roost's own figures", () => {
  const search = aimOf({ scenario: "search", what: "BODY, rare, first", unit: "ms" }) ?? assert.fail();
  assert.equal(aimText(search), "≤ 0.02 ×");
  assert.equal(isMet(search, 1, 100), true);
  assert.equal(isMet(search, 3, 100), false);
  assert.equal(isMet(search, 3, undefined), undefined);
  const idle = aimOf({ scenario: "idle-fanout", what: "each, p99", unit: "ms" }) ?? assert.fail();
  assert.equal(aimText(idle), "≤ 20");
  assert.equal(isMet(idle, 19, undefined), true);
  assert.equal(aimOf({ scenario: "resync", what: "full", unit: "bytes" }), undefined);
});

Deno.test("growth has a column for each size, and the exponent", () => {
  const points = [{ size: 1_000, value: 2 }, { size: 10_000, value: 20 }];
  const lines = growthTable([{ what: "SELECT", unit: "ms", of: "messages", points }], "messages").split("\n");
  assert.equal(lines[0], "| what | unit | 1,000 | 10,000 | exponent |");
  assert.equal(lines[2], "| SELECT | ms | 2.00 | 20.0 | 1.00 |");
});

Deno.test("the page names machine, versions, date and what is durable", () => {
  const growth = [{ what: "LOGIN", unit: "ms", of: "accounts" as const, points: [{ size: 10, value: 3 }] }];
  const page = performancePage(
    reportOf([figure("Roost", 300)], {
      growth,
      starts: [{ accounts: 10_000, ms: 250, greeted: 270, memory: 2 ** 27 }],
    }),
  );
  for (
    const part of [
      "| date | 2026-01-02 |",
      "Abacus 3000, 2 cores, 8 GiB",
      "| Dovecot | Dovecot 2 |",
      "| safe when Roost says OK | everything |",
      "## append\n\nAPPEND of messages.",
      "By accounts:",
      "| 10,000 | 250 | 270 | 128 |",
    ]
  ) assert.ok(page.includes(part), `${part} is missing in:\n${page}`);
  assert.equal(startTable([]).split("\n").length, 2);
});

Deno.test("a profile is summed by function, with the callers of what is not ours, without waiting", () => {
  const node = (id: number, functionName: string, url: string, ...children: number[]) => {
    return { id, callFrame: { functionName, url, lineNumber: 4 }, children };
  };
  const profile = {
    nodes: [
      node(1, "(idle)", ""),
      node(2, "work", "file:///r/a.ts", 3, 6),
      node(3, "outside", "ext:lib.js", 4),
      node(4, "run", ""),
      node(5, "", "file:///r/a.ts"),
      node(6, "row", "file:///r/database.ts", 7),
      node(7, "get", ""),
    ],
    samples: [1, 2, 4, 5, 2, 7],
    timeDeltas: [9_000, 1_000, 2_000, 500, 4_000, 750],
  };
  assert.deepEqual(selfTimes([profile, profile], "file:///r/"), [
    ["work a.ts:5", 10],
    ["run, called by work a.ts:5", 4],
    ["get, called by row database.ts:5, called by work a.ts:5", 1.5],
    ["(anonymous) a.ts:5", 1],
  ]);
});
