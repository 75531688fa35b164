/** REFERENCES (RFC 5256 §3) and REFS, which leaves subjects alone and puts the thread with the newest message last. */
import type { Pace } from "../../pace.ts";
import { Forest, type Messages } from "./forest.ts";
import { linkReferences } from "./links.ts";
import { inOrder } from "./orderedsubject.ts";

const NONE = -1;

export async function references(messages: Messages, pace: Pace): Promise<Forest> {
  const forest = plant(messages, await linkReferences(messages, pace));
  if (pace.due) await pace.giveWay();
  gatherSubjects(forest, messages);
  return forest;
}

/** draft-ietf-morg-inthread: no gathering by subject, and threads in the order of their newest messages. */
export async function refs(messages: Messages, pace: Pace): Promise<Forest> {
  const forest = plant(messages, await linkReferences(messages, pace));
  const newest = new Map(forest.roots.map((root) => [root, newestIn(forest, root, messages.ranks)]));
  forest.roots.sort((a, b) => (newest.get(a) ?? 0) - (newest.get(b) ?? 0));
  return forest;
}

/**
 * Steps 2 to 4: dummies go, but for one at the top that holds several messages together. Messages are put in place in the order of
 * their dates, so all siblings and the threads are in order.
 */
function plant({ count, ranks }: Messages, parents: number[]): Forest {
  const forest = new Forest(count);
  const above = holders(parents, count);
  const members = new Map<number, number>();
  for (let message = 0; message < count; message++) {
    if (above[message] >= count) members.set(above[message], (members.get(above[message]) ?? 0) + 1);
  }
  const dummies = new Map<number, number>();
  for (const message of inOrder(ranks)) {
    const holder = above[message];
    if (holder === NONE || members.get(holder) === 1) forest.roots.push(message);
    else if (holder < count) forest.append(holder, message);
    else {
      let dummy = dummies.get(holder);
      if (dummy === undefined) {
        dummies.set(holder, dummy = forest.addDummy());
        forest.roots.push(dummy);
      }
      forest.append(dummy, message);
    }
  }
  return forest;
}

/** By message: the nearest message above it; without one the topmost dummy; -1 where there is nothing. */
function holders(parents: number[], count: number): Int32Array {
  const above = new Int32Array(count);
  /** Of dummies. */
  const known = new Array<number | undefined>(parents.length).fill(undefined);
  const way: number[] = [];
  for (let message = 0; message < count; message++) {
    let at = parents[message];
    while (at >= count && known[at] === undefined && parents[at] !== NONE) {
      way.push(at);
      at = parents[at];
    }
    // A dummy on the way that is known leads on; one at the top, or a message, is the end.
    const holder = at >= count ? known[at] ?? at : at;
    for (const node of way) known[node] = holder;
    way.length = 0;
    above[message] = holder;
  }
  return above;
}

/** Step 5: threads of one base subject become one; then step 6, for what that changed. */
function gatherSubjects(forest: Forest, { subjects, isReply, ranks }: Messages): void {
  const subjectOf = (root: number) => subjects[forest.isDummy(root) ? forest.firstChild(root) : root];
  const replies = (root: number) => !forest.isDummy(root) && isReply[root] === 1;
  const table = new Map<string, number>();
  for (const root of forest.roots) {
    const subject = subjectOf(root);
    if (subject === "") continue;
    const there = table.get(subject);
    if (
      there === undefined || (!forest.isDummy(there) && (forest.isDummy(root) || (replies(there) && !replies(root))))
    ) table.set(subject, root);
  }
  const gone = new Set<number>();
  const touched = new Set<number>();
  const added: number[] = [];
  for (const root of forest.roots) {
    const subject = subjectOf(root);
    const there = table.get(subject);
    // Below a dummy that was made here are only messages whose subject has no other entry.
    if (subject === "" || there === undefined || there === root || gone.has(root)) continue;
    let into = there;
    if (forest.isDummy(there) && forest.isDummy(root)) forest.moveChildren(root, there);
    else if (forest.isDummy(there) || (replies(root) && !replies(there))) forest.append(there, root);
    else {
      into = forest.addDummy();
      added.push(into);
      forest.append(into, there);
      forest.append(into, root);
      gone.add(there);
      table.set(subject, into);
    }
    gone.add(root);
    touched.add(into);
  }
  if (touched.size === 0) return;
  for (const node of touched) forest.sortChildren(node, ranks);
  const rankOf = (root: number) => ranks[forest.isDummy(root) ? forest.firstChild(root) : root];
  forest.roots = [...forest.roots, ...added].filter((root) => !gone.has(root)).sort((a, b) => rankOf(a) - rankOf(b));
}

function newestIn(forest: Forest, root: number, ranks: Uint32Array): number {
  let newest = 0;
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.pop() as number;
    if (!forest.isDummy(node) && ranks[node] > newest) newest = ranks[node];
    for (const child of forest.children(node)) stack.push(child);
  }
  return newest;
}
