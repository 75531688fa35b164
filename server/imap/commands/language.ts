import { ANY_STATE, defineCommand } from "../command.ts";
import { NoError } from "../errors.ts";
import { languageFor, LANGUAGES } from "../languages.ts";
import { writeNamespaces } from "./namespace.ts";

const MAX_RANGES = 100;

/** Tells the languages there are, or changes that of texts for people (RFC 5255 §3.2). */
export const language = defineCommand<readonly string[]>({
  name: "LANGUAGE",
  states: ANY_STATE,
  rfc: "5255 §3",
  parse(d) {
    const ranges: string[] = [];
    while (d.trySp()) ranges.push(d.astringText());
    if (ranges.length > MAX_RANGES) throw new NoError("LIMIT", `at most ${MAX_RANGES} languages can be named`);
    return ranges;
  },
  async run({ session, out }, ranges) {
    if (ranges.length === 0) {
      out.ascii(`* LANGUAGE (${LANGUAGES.map(({ tag }) => tag).join(" ")})`).crlf();
      return;
    }
    const found = languageFor(ranges);
    if (!found) throw new NoError(undefined, "unsupported language");
    session.language = found;
    out.ascii(`* LANGUAGE (${found.tag})`).crlf();
    if (session.account) writeNamespaces(out, session);
  },
});
