/** How fast Roost wants to be: beside Dovecot in the same run, or by itself. */
import type { Figure } from "./measure.ts";

export interface Aim {
  /** Of Roost's figure to Dovecot's. */
  readonly ratio?: Bound;
  /** Of Roost's figure itself. */
  readonly value?: Bound;
}

interface Bound {
  readonly least?: number;
  readonly most?: number;
}

interface Row extends Aim {
  readonly scenario: string;
  readonly what: RegExp;
  readonly unit?: string;
}

const least = (factor: number): Aim => ({ ratio: { least: factor } });
const most = (factor: number): Aim => ({ ratio: { most: factor } });

/** The first that fits counts. */
const AIMS: readonly Row[] = [
  { scenario: "logins", what: /^LOGIN/, ...least(1) },
  { scenario: "append", what: /^synchronising/, ...least(1.5) },
  { scenario: "append", what: /^(LITERAL|MULTIAPPEND)/, ...least(2) },
  { scenario: "append", what: /accounts/, ...least(1.2) },
  { scenario: "select", what: /after a restart/, value: { most: 5 } },
  { scenario: "select", what: /p50/, ...most(1) },
  { scenario: "fetch-flags", what: /./, unit: "messages/s", ...least(3) },
  { scenario: "fetch-envelope", what: /first/, ...least(5) },
  { scenario: "fetch-envelope", what: /again/, ...least(2) },
  { scenario: "fetch-headers", what: /./, ...least(1) },
  { scenario: "fetch-bodies", what: /memory/, value: { most: 16 } },
  { scenario: "fetch-bodies", what: /messages, plain/, ...least(0.8) },
  { scenario: "fetch-bodies", what: /./, ...least(1) },
  { scenario: "search", what: /^(BODY|TEXT)/, ...most(1 / 50) },
  { scenario: "search", what: /^(FROM|SUBJECT)/, ...most(1 / 5) },
  { scenario: "store", what: /on all/, ...least(0.5) },
  { scenario: "store", what: /one after another/, ...least(1) },
  { scenario: "copy", what: /COPY|MOVE/, ...least(5) },
  { scenario: "copy", what: /EXPUNGE/, ...least(1) },
  { scenario: "idle-fanout", what: /p99/, value: { most: 20 } },
  { scenario: "idle-memory", what: /^5000 .*each/, value: { most: 30 } },
  { scenario: "mixed", what: /all commands/, ...least(1.5) },
  { scenario: "mixed", what: /p99/, ...most(0.5) },
  { scenario: "resync", what: /QRESYNC/, ...most(1) },
  { scenario: "resync", what: /full/, unit: "ms", ...most(0.5) },
];

export function aimOf({ scenario, what, unit }: Pick<Figure, "scenario" | "what" | "unit">): Aim | undefined {
  return AIMS.find((aim) => aim.scenario === scenario && aim.what.test(what) && (aim.unit ?? unit) === unit);
}

/** As "≥ 1.5 ×" or "≤ 20". */
export function aimText({ ratio, value }: Aim): string {
  const bound = ratio ?? value;
  const number = bound?.least ?? bound?.most;
  return `${bound?.least === undefined ? "≤" : "≥"} ${number}${ratio ? " ×" : ""}`;
}

/** @returns undefined where there is nothing to compare with */
export function isMet({ ratio, value }: Aim, roost: number, dovecot: number | undefined): boolean | undefined {
  if (value) return fits(value, roost);
  return ratio && dovecot !== undefined ? fits(ratio, roost / dovecot) : undefined;
}

function fits({ least = -Infinity, most = Infinity }: Bound, value: number): boolean {
  return value >= least && value <= most;
}
