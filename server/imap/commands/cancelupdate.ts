import { defineCommand, SELECTED } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { liveResult } from "../search/live.ts";
import { asciiText } from "../wire/text.ts";

/** Ends UPDATE for the commands with these tags (RFC 5267 §4.3.5). */
export const cancelUpdate = defineCommand<readonly string[]>({
  name: "CANCELUPDATE",
  states: SELECTED,
  rfc: "5267 §4.3.5",
  parse(d) {
    const tags: string[] = [];
    do {
      d.sp();
      if (!d.quotedOrLiteralIsNext()) throw new BadError(undefined, "a quoted tag was expected");
      const bytes = d.string();
      tags.push(asciiText(bytes, 0, bytes.length));
    } while (!d.atEnd);
    return tags;
  },
  async run({ selected }, tags) {
    const found = tags.map((tag) => liveResult(selected, tag));
    // All or nothing: a client that names one that is not there is mistaken about the others too.
    if (found.includes(undefined)) throw new NoError(undefined, "no result is kept up to date under that tag");
    for (const result of found) if (result) selected.followers.delete(result);
  },
});
