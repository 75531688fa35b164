import { defineCommand, SELECTED } from "../command.ts";
import { BadError } from "../errors.ts";
import { writeSearch } from "../search/answer.ts";
import { evaluate } from "../search/evaluate.ts";
import { demandFitting, finish, resultOf } from "../search/finish.ts";
import { namesNumbers, parseCriteria, type Program, ready } from "../search/program.ts";
import { type ReturnOptions, tryReturn } from "../search/returns.ts";
import { type Criterion, parseCriteriaList } from "../search/sort.ts";
import { tell } from "../tell.ts";

interface SortArguments extends Program {
  /** undefined: an untagged SORT response. */
  readonly options: ReturnOptions | undefined;
  readonly criteria: readonly Criterion[];
}

export const sort = defineCommand<SortArguments>({
  name: "SORT",
  uid: "also",
  states: SELECTED,
  rfc: "5256 §3, 5267 §3",
  keepsNumbers: (args, uid) => !uid || namesNumbers(args),
  parse(d) {
    d.sp();
    const options = tryReturn(d);
    const criteria = parseCriteriaList(d);
    d.sp();
    return { options, criteria, ...parseCriteria(d) };
  },
  async run(context, args) {
    const { selected, session, out, tag, uid } = context;
    const { options, criteria } = args;
    try {
      const asked = { ...await ready(context, args), options, criteria };
      demandFitting(context, asked);
      await tell(context, uid && !namesNumbers(args));
      const found = await evaluate(context, selected, asked.key, "all", session.comparator);
      const result = await resultOf(context, selected, found.positions(), asked, uid);
      if (!options) writeSearch(out, result, "SORT");
      else finish(context, { tag }, options, asked, result);
    } catch (error) {
      if (options?.save && !(error instanceof BadError)) selected.saved = [];
      throw error;
    }
  },
});
