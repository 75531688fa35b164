import { defineCommand, SELECTED } from "../command.ts";
import { BadError } from "../errors.ts";
import { writeSearch } from "../search/answer.ts";
import { evaluate, type Goal } from "../search/evaluate.ts";
import { demandFitting, finish, resultOf } from "../search/finish.ts";
import { limitedKey } from "../search/limit.ts";
import { namesNumbers, parseProgram, type Program, ready } from "../search/program.ts";
import { RETURN_ALL, type ReturnOptions, tryReturn } from "../search/returns.ts";
import { tell } from "../tell.ts";

interface SearchArguments extends Program {
  /** undefined: an untagged SEARCH response, as IMAP4rev1 clients read it. */
  readonly options: ReturnOptions | undefined;
}

export const search = defineCommand<SearchArguments>({
  name: "SEARCH",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.4",
  keepsNumbers,
  parse(d, session) {
    d.sp();
    const options = tryReturn(d) ?? (session.rev2 ? RETURN_ALL : undefined);
    return { options, ...parseProgram(d, session) };
  },
  async run(context, args) {
    const { server, selected, session, out, tag, uid } = context;
    const { options } = args;
    try {
      const asked = { ...await ready(context, args), options };
      demandFitting(context, asked);
      await tell(context, !keepsNumbers(args, uid));
      const { key, code } = await limitedKey(server, selected, asked.key);
      const found = await evaluate(context, selected, key, goalOf(options), session.comparator);
      const result = await resultOf(context, selected, found.positions(), asked, uid);
      if (!options) writeSearch(out, result);
      else finish(context, { tag }, options, asked, result);
      return code === undefined ? undefined : { code, text: "only some messages were searched" };
    } catch (error) {
      // After NO, $ is empty; after BAD, it is what it was (RFC 5182 §2.1).
      if (options?.save && !(error instanceof BadError)) selected.saved = [];
      throw error;
    }
  },
});

/** Numbers are told, or stand in the keys (RFC 7162 §3.2.10.2). */
function keepsNumbers(program: Program, uid: boolean): boolean {
  return !uid || namesNumbers(program);
}

/** MIN or MAX alone needs only that message found (RFC 4731 §5). */
function goalOf(options: ReturnOptions | undefined): Goal {
  if (!options) return "all";
  const { min, max, all, count, partial, relevancy, update } = options;
  if (all || count || partial || relevancy || update || min === max) return "all";
  return min ? "first" : "last";
}
