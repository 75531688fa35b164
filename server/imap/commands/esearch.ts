import { StoreError } from "../../../store/mod.ts";
import type { FoundPlace } from "../access.ts";
import { type Context, defineCommand, LOGGED_IN } from "../command.ts";
import { BadError } from "../errors.ts";
import { type Correlator, writeESearch } from "../search/answer.ts";
import { evaluate } from "../search/evaluate.ts";
import { type Asked, demandFitting, keep, resultOf } from "../search/finish.ts";
import { type Key, mapKey, someKey } from "../search/keys.ts";
import { namesNumbers, parseProgram, type Program, ready } from "../search/program.ts";
import { RETURN_ALL, type ReturnOptions, tryReturn } from "../search/returns.ts";
import { isSelectedAlone, parseSources, placesOf, type Source } from "../search/sources.ts";
import { look, type Selected } from "../selected.ts";
import { tell } from "../tell.ts";

interface ESearchArguments extends Program {
  readonly sources: readonly Source[];
  readonly options: ReturnOptions;
}

/** Searches several mailboxes, one after the other; answers are UIDs, with or without UID before the name (RFC 7377 §2.1). */
export const esearch = defineCommand<ESearchArguments>({
  name: "ESEARCH",
  uid: "also",
  numberless: true,
  states: LOGGED_IN,
  rfc: "7377",
  keepsNumbers: namesNumbers,
  parse(d, session) {
    d.sp();
    let sources: readonly Source[] = [{ is: "selected" }];
    if (d.tryWord("IN")) {
      d.sp();
      sources = parseSources(d);
      d.sp();
    }
    const options = tryReturn(d) ?? RETURN_ALL;
    if (options.save && !isSelectedAlone(sources)) {
      throw new BadError(undefined, "SAVE is for the selected mailbox alone");
    }
    return { sources, options, ...parseProgram(d, session) };
  },
  async run(context, args) {
    const { session } = context;
    const { sources, options } = args;
    const hasSelected = sources.some(({ is }) => is === "selected");
    if ((hasSelected || options.update) && !session.selected) throw new BadError(undefined, "no mailbox is selected");
    try {
      await searchAll(context, args);
    } catch (error) {
      if (options.save && session.selected && !(error instanceof BadError)) session.selected.saved = [];
      throw error;
    }
  },
});

async function searchAll(context: Context, args: ESearchArguments): Promise<void> {
  const { session } = context;
  const { sources, options } = args;
  const { key, ...rest } = await ready(context, args);
  // `$` is of one mailbox: in others it names nothing that the client could mean.
  if (!isSelectedAlone(sources) && someKey(key, usesSaved)) {
    throw new BadError(undefined, "$ is for the selected mailbox alone");
  }
  const asked = { ...rest, key: mapKey(key, lenient), options };
  demandFitting(context, asked);
  await tell(context, !namesNumbers(args));
  const { selected } = session;
  const named = await placesOf(context, sources);
  const isSelected = ({ mail, mailbox }: FoundPlace) =>
    selected?.mail.account === mail.account && selected.mailbox.id === mailbox.id;
  const others = named.filter((place) => !isSelected(place));
  const total = others.length + 1;
  if (selected && (sources.some(({ is }) => is === "selected") || others.length < named.length)) {
    await searchSelected(context, selected, asked, options);
    await context.progress(1, total);
  }
  for (const [done, place] of others.entries()) {
    await searchOther(context, place, asked, options);
    await context.flushed();
    await context.progress(done + 1, total);
  }
}

function usesSaved(key: Key): boolean {
  return (key.is === "numbers" || key.is === "uids") && key.set.saved;
}

/** Message numbers beyond the last are no fault here (RFC 7377 §2). */
function lenient(key: Key): Key {
  return key.is === "numbers" ? { ...key, lenient: true } : key;
}

async function searchSelected(
  context: Context,
  selected: Selected,
  asked: Asked,
  options: ReturnOptions,
): Promise<void> {
  const found = await evaluate(context, selected, asked.key, "all", context.session.comparator);
  const result = await resultOf(context, selected, found.positions(), asked, true);
  const about = correlator(context, selected.place);
  // A mailbox without matches is not answered for, though UPDATE and SAVE hold (RFC 7377 §2.1).
  if (result.positions.length > 0) writeESearch(context.out, about, options, result);
  keep(context, about, options, asked, result);
}

/** UPDATE is for the selected mailbox alone (RFC 7377 §2.2). */
async function searchOther(
  context: Context,
  place: FoundPlace,
  asked: Asked,
  options: ReturnOptions,
): Promise<void> {
  let view: Selected | undefined;
  try {
    view = await look(place.mail, place.mailbox, true, place);
    const found = await evaluate(context, view, asked.key, "all", context.session.comparator);
    const result = await resultOf(context, view, found.positions(), asked, true);
    if (result.positions.length > 0) writeESearch(context.out, correlator(context, place), options, result);
  } catch (error) {
    // Removed meanwhile: as if it had not been there.
    if (!(error instanceof StoreError && error.fault === "nonexistent")) throw error;
  } finally {
    view?.pin.release();
  }
}

function correlator({ tag, session }: Context, { shown, mailbox }: FoundPlace): Correlator {
  return { tag, mailbox: { name: shown, uidValidity: mailbox.uidValidity, utf8: session.utf8 } };
}
