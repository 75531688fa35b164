/**
 * Finds the messages that match: first by the mailbox index alone and what the store knows of texts without reading them, then level by level in the store, each level only for the messages
 * that are still open. Long searches give way to other sessions and tell how far they are.
 */
import { messageHeaders, searchText } from "../../../store/mime/message.ts";
import { unpackStructure } from "../../../store/mime/structure.ts";
import type { Needle } from "../../../store/mod.ts";
import type { Context } from "../command.ts";
import { RowView } from "../fetch/columns.ts";
import { Pace } from "../pace.ts";
import type { Selected } from "../selected.ts";
import type { Bitmap } from "./bitmap.ts";
import { knownTexts } from "./known.ts";
import { type Comparator, DEFAULT_COMPARATOR } from "./comparator.ts";
import type { Key } from "./keys.ts";
import { uidRanges } from "./ranges.ts";
import { bounds, present } from "./resident.ts";
import { columnsAt, compile, Level, needlesOf, type Test, type Verdict } from "./tests.ts";

/** Which matches are asked for: the search ends as soon as they are known. */
export type Goal = "all" | "first" | "last";

/**
 * Positions in the client's list that match.
 * @throws {BadError} a message number that is not in the mailbox (RFC 9051 §9 seq-number)
 */
export async function evaluate(
  context: Pick<Context, "progress">,
  selected: Selected,
  key: Key,
  goal: Goal,
  comparator: Comparator = DEFAULT_COMPARATOR,
): Promise<Bitmap> {
  const pace = new Pace();
  const here = present(selected);
  let { sure, maybe } = await bounds(selected, key, pace);
  const texts = await knownTexts(selected, key, maybe.copy().andNot(sure).and(here), comparator);
  if (texts.size > 0) ({ sure, maybe } = await bounds(selected, key, pace, texts));
  const found = sure.copy().and(here);
  const open = maybe.copy().andNot(sure).and(here);
  const search = new Search(
    context,
    selected,
    compile(selected, key, { now: Math.floor(Date.now() / 1000), comparator }),
    comparator,
    goal,
    pace,
    found,
    open,
  );
  await search.run();
  return found;
}

class Search {
  /** Open only because their text is too long to be kept, or is to be compared as it is. */
  private readonly long: number[] = [];

  constructor(
    private readonly context: Pick<Context, "progress">,
    private readonly selected: Selected,
    private readonly test: Test,
    private readonly comparator: Comparator,
    private readonly goal: Goal,
    private readonly pace: Pace,
    private readonly found: Bitmap,
    private readonly open: Bitmap,
  ) {}

  async run(): Promise<void> {
    for (const level of [Level.Numbers, Level.Headers, Level.Text]) {
      this.prune();
      if (this.open.empty) return;
      if (!this.test.needs.some((need) => need.level === level)) continue;
      const needles = level === Level.Text ? needlesOf(this.test) : undefined;
      await (needles ? this.find(needles) : this.read(level));
    }
    if (this.goal === "last") this.long.reverse();
    for (const [done, position] of this.long.entries()) {
      this.prune();
      if (this.open.has(position)) await this.readLong(position);
      await this.context.progress(done, this.long.length);
    }
  }

  /** Drops what a known match makes uninteresting. */
  private prune(): void {
    const { goal, found, open } = this;
    if (goal === "first" && found.first() >= 0) open.clearRange(found.first(), open.size);
    if (goal === "last" && found.last() >= 0) open.clearRange(0, found.last() + 1);
  }

  /** As `read` of the texts, which are looked into where they are. */
  private async find(needles: readonly Needle[]): Promise<void> {
    const { selected, open, test, goal } = this;
    const total = open.count();
    let done = 0;
    const ranges = uidRanges(selected, open.positions(), 1);
    const row = new RowView([]);
    for await (const { uids, found } of selected.mail.find(selected.mailbox.id, ranges, needles)) {
      let matched = false;
      for (let i = 0; i < uids.length; i++) {
        const position = selected.positionOf(uids[i]);
        if (position < 0 || !open.has(position)) continue;
        const bits = found[i];
        const has = (needle: Needle) => bits < 0 ? undefined : (bits >>> needles.indexOf(needle) & 1) === 1;
        const verdict = test.judge({ position, level: Level.Text, row, text: null, found: has });
        if (verdict === undefined) this.long.push(position);
        this.decide(position, verdict);
        if (verdict) matched = true;
      }
      await this.context.progress(done += uids.length, total);
      if (this.pace.due) await this.pace.giveWay();
      if (matched && goal === "first") return;
    }
  }

  private async read(level: Level): Promise<void> {
    const { selected, open, test } = this;
    const columns = ["uid", ...columnsAt(test, level)] as const;
    const row = new RowView(columns);
    const hasText = columns.includes("searchText");
    const total = open.count();
    let done = 0;
    let matched = false;
    for await (
      const rows of selected.mail.read(
        selected.mailbox.id,
        uidRanges(selected, open.positions(), level === Level.Text ? 1 : undefined),
        columns,
        selected.pin.modseq,
      )
    ) {
      for (const values of rows) {
        row.show(values);
        const position = selected.positionOf(row.get("uid"));
        if (position < 0 || !open.has(position)) continue;
        done++;
        const text = hasText ? row.get("searchText") : null;
        const verdict = test.judge({ position, level, row, text });
        if (level === test.level && verdict === undefined) this.long.push(position);
        this.decide(position, verdict);
        if (verdict) matched = true;
        if (this.pace.due) await this.pace.giveWay();
      }
      await this.context.progress(done, total);
      // Rows ascend, so nothing before the match is left to be read.
      if (matched && level === test.level && this.goal === "first") return;
    }
  }

  private decide(position: number, verdict: Verdict): void {
    if (verdict === undefined) return;
    this.open.clear(position);
    if (verdict) this.found.set(position);
  }

  /** A message whose text has to be made from its content. */
  private async readLong(position: number): Promise<void> {
    const { selected, test } = this;
    const others = columnsAt(test, Level.Text).filter((column) => column !== "searchText");
    const columns = ["emailId", "structure", ...others.filter((column) => column !== "emailId")] as const;
    const row = new RowView(columns);
    const uid = selected.uidAt(position);
    const range = [{ first: uid, last: uid }];
    for await (const rows of selected.mail.read(selected.mailbox.id, range, columns, selected.pin.modseq)) {
      for (const values of rows) {
        row.show(values);
        using content = await selected.mail.content(row.get("emailId"));
        if (!content) continue;
        const root = unpackStructure(row.get("structure"));
        const text = test.level === Level.Text ? searchText(content, root) : null;
        const { folding } = this.comparator;
        const exact = folding &&
          { headers: messageHeaders(content, root, folding), text: searchText(content, root, folding) };
        this.decide(position, test.judge({ position, level: Level.Text, row, text, exact }));
        if (this.pace.due) await this.pace.giveWay();
      }
    }
  }
}
