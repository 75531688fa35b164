/** docs/extensions.md, made from the capability table. */
import { EXTENSIONS } from "../server/imap/capabilities.ts";
import { type Pair, PAIRS, pairTitle } from "../server/imap/pairs.ts";

export function extensionsPage(): string {
  const rows = EXTENSIONS.map(({ name, rfc, source, test, when }) =>
    `| \`${name}\` | ${rfc} | ${WHEN[when]} | [${source}](../${source}) | [${test}](../${test}) |`
  );
  return [
    "# Extensions",
    "",
    "Made by `deno task docs` from the table in `server/imap/capabilities.ts`, from which CAPABILITY and ENABLE are made too.",
    "",
    "| capability | RFC | announced | source | test |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    "## Together",
    "",
    "Where extensions meet, from the table in `server/imap/pairs.ts`. Each row has its test, of the title given, in " +
    "[tests/imap/pairs.test.ts](../tests/imap/pairs.test.ts); all but those of COMPRESS and UNAUTHENTICATE run a second time " +
    "under DEFLATE.",
    "",
    "| these | what holds | test |",
    "|---|---|---|",
    ...PAIRS.map((pair) => `| ${pairNames(pair)} | ${pair.rule} | ${pairTitle(pair)} |`),
    "",
  ].join("\n");
}

function pairNames({ first, second }: Pair): string {
  return first === second ? first : `${first}, ${second}`;
}

const WHEN = { always: "always", beforeLogin: "before login", afterLogin: "after login" } as const;
