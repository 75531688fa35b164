/** Lists of subscriptions as Dovecot and Courier keep them beside the mail. */
import { readSmall } from "./files.ts";
import { folderText } from "./names.ts";
import type { Report } from "./source.ts";

/** Dovecot's second form: this line, an empty one, then names with tabs between their levels. */
const SECOND_FORM = "V\t2";

/**
 * The subscriptions of a tree, each as its levels; undefined: it has no list.
 * @param separator between levels in the older forms: `.` in Maildirs, `/` elsewhere
 */
export function readSubscriptions(root: string, separator: "." | "/", report: Report): string[][] | undefined {
  for (const file of ["subscriptions", ".subscriptions", "courierimapsubscribed"]) {
    const text = readSmall(root, `${root}/${file}`, report);
    if (text === undefined) continue;
    const lines = text.split("\n").map((line) => line.replace(/\r$/, "")).filter((line) => line !== "");
    const second = lines[0] === SECOND_FORM;
    return (second ? lines.slice(1) : lines).map((line) => {
      const levels = second ? line.split("\t").map(unescaped) : line.split(separator);
      // Courier has all below INBOX.
      if (file === "courierimapsubscribed" && levels.length > 1 && levels[0] === "INBOX") levels.shift();
      return levels.map(folderText);
    });
  }
  return undefined;
}

/** `\001t` and the like, for what would divide. */
function unescaped(level: string): string {
  const codes: Readonly<Record<string, string>> = { "0": "\0", t: "\t", n: "\n", r: "\r", "1": "\x01" };
  // deno-lint-ignore no-control-regex -- that is the escape
  return level.replace(/\x01([0tnr1])/g, (_, code: string) => codes[code]);
}

/** Dovecot's second form. @param level as it stands in a file name */
export function subscriptionsText(names: readonly string[], level: (text: string) => string): string {
  return `${SECOND_FORM}\n\n${names.map((name) => `${name.split("/").map(level).join("\t")}\n`).join("")}`;
}
