import { defineCommand, LOGGED_IN } from "../command.ts";
import { NoError } from "../errors.ts";
import { type Comparator, comparatorsLike } from "../search/comparator.ts";

const MAX_ORDERS = 100;

/** Tells the active comparator, or changes it: the first that fits the first argument that any fits (RFC 5255 §4.7). */
export const comparator = defineCommand<readonly string[]>({
  name: "COMPARATOR",
  states: LOGGED_IN,
  rfc: "5255 §4.7",
  parse(d) {
    const orders: string[] = [];
    while (d.trySp()) orders.push(d.astringText());
    if (orders.length > MAX_ORDERS) throw new NoError("LIMIT", `at most ${MAX_ORDERS} comparators can be named`);
    return orders;
  },
  async run({ session, out }, orders) {
    const matching = new Set<Comparator>(orders.flatMap(comparatorsLike));
    if (orders.length > 0) {
      const [first] = matching;
      if (!first) throw new NoError("BADCOMPARATOR", "there is no such comparator here");
      session.comparator = first;
    }
    out.ascii(`* COMPARATOR ${session.comparator.name}`);
    if (matching.size > 1) out.ascii(` (${[...matching].map(({ name }) => name).join(" ")})`);
    out.crlf();
  },
});
