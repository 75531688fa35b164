import { defineCommand, SELECTED } from "../command.ts";
import { BadError } from "../errors.ts";
import { Pace } from "../pace.ts";
import { evaluate } from "../search/evaluate.ts";
import { namesNumbers, parseCriteria, type Program, ready } from "../search/program.ts";
import { type Forest, type Messages, writeForest } from "../search/thread/forest.ts";
import { readMessages, type Wanted } from "../search/thread/messages.ts";
import { orderedSubject } from "../search/thread/orderedsubject.ts";
import { references, refs } from "../search/thread/references.ts";
import { tell } from "../tell.ts";

interface Algorithm extends Wanted {
  run(messages: Messages, pace: Pace): Forest | Promise<Forest>;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ORDEREDSUBJECT: { date: "sentTime", subjects: true, references: false, run: orderedSubject },
  REFERENCES: { date: "sentTime", subjects: true, references: true, run: references },
  REFS: { date: "internalDate", subjects: false, references: true, run: refs },
};

interface ThreadArguments extends Program {
  readonly algorithm: Algorithm;
}

export const thread = defineCommand<ThreadArguments>({
  name: "THREAD",
  uid: "also",
  states: SELECTED,
  rfc: "5256 §3",
  keepsNumbers: (args, uid) => !uid || namesNumbers(args),
  parse(d) {
    d.sp();
    const name = d.word();
    if (!Object.hasOwn(ALGORITHMS, name)) throw new BadError(undefined, "unknown threading algorithm");
    d.sp();
    return { algorithm: ALGORITHMS[name], ...parseCriteria(d) };
  },
  async run(context, args) {
    const { selected, session, out, uid } = context;
    const { key } = await ready(context, args);
    await tell(context, uid && !namesNumbers(args));
    const positions = (await evaluate(context, selected, key, "all", session.comparator)).positions();
    const messages = await readMessages(context, selected, positions, args.algorithm, session.comparator);
    const forest = await args.algorithm.run(messages, new Pace());
    out.ascii("* THREAD");
    if (forest.roots.length > 0) out.sp();
    const number = (message: number) => uid ? selected.uidAt(positions[message]) : positions[message] + 1;
    await writeForest(out, forest, number, () => context.flushed());
    out.crlf();
  },
});
