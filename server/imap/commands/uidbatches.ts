import { defineCommand, SELECTED } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import type { Selected } from "../selected.ts";
import { tell } from "../tell.ts";
import type { Encoder } from "../wire/encoder.ts";

/** Batches smaller than this make too many of them (RFC 10022: a server may want up to 500). */
const LEAST_SIZE = 500;
/** Messages in all batches asked for (RFC 10022: a server must allow 100,000 at least). */
const MOST_MESSAGES = 100_000;

interface Arguments {
  readonly size: number;
  /** Numbers of batches, from 1, both included; undefined: all. */
  readonly batches: { readonly low: number; readonly high: number } | undefined;
}

/** UID ranges that hold so many messages each, from the highest UID down (RFC 10022). */
export const uidBatches = defineCommand<Arguments>({
  name: "UIDBATCHES",
  states: SELECTED,
  rfc: "10022",
  parse(d) {
    d.sp();
    const size = d.nzNumber();
    if (!d.trySp()) return { size, batches: undefined };
    const a = d.nzNumber();
    d.byte(":");
    const b = d.nzNumber();
    if (a > b) throw new BadError(undefined, "the lower number of a batch comes first");
    return { size, batches: { low: a, high: b } };
  },
  async run(context, { size, batches }) {
    const { selected, out, tag } = context;
    if (size < LEAST_SIZE) throw new NoError("TOOSMALL", `batches must have ${LEAST_SIZE} messages or more`);
    await tell(context, true);
    const all = Math.ceil(selected.count / size);
    const low = batches?.low ?? 1;
    const high = Math.min(batches?.high ?? all, all);
    // Without a range of batches all are answered: that costs a pair of numbers each, and there can be no more than messages.
    if (batches && (batches.high - batches.low + 1) * size > MOST_MESSAGES) {
      throw new NoError("LIMIT", `at most ${MOST_MESSAGES} messages at once`);
    }
    out.ascii("* UIDBATCHES (TAG ").quoted(tag).ascii(")");
    writeBatches(out, selected, size, low, high);
    out.crlf();
  },
});

/** ` 163886:99703,99696:20358`: highest and lowest UID of each batch; the last one may be smaller than the others. */
function writeBatches(out: Encoder, selected: Selected, size: number, low: number, high: number): void {
  for (let batch = low; batch <= high; batch++) {
    const from = selected.count - (batch - 1) * size - 1;
    const to = Math.max(0, from - size + 1);
    out.ascii(batch === low ? " " : ",").number(selected.uidAt(from));
    if (to < from) out.ascii(":").number(selected.uidAt(to));
  }
}
