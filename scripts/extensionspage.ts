/** docs/extensions.md, made from the capability table. */
import { EXTENSIONS } from "../server/imap/capabilities.ts";

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
  ].join("\n");
}

const WHEN = { always: "always", beforeLogin: "before login", afterLogin: "after login" } as const;
