/**
 * Who is whose parent by References (RFC 5256 §3 THREAD, step 1).
 *
 * The algorithm of the RFC goes from message to message, and takes links back that a later message shows to be wrong. What is left in
 * the end is known at once: the parent of a message is its own last reference; only where it has none, or that would be a loop, and
 * for messages that are not there, others say what stands before it. So links are only ever added, and whether one makes a loop is
 * asked of a union-find structure: long chains cost no more than short ones.
 */
import type { Pace } from "../../pace.ts";
import type { Messages } from "./forest.ts";
import { ID_LENGTH, IdTable } from "./idtable.ts";

const NONE = -1;

/** By node: its parent, or -1. Nodes from `count` on are messages that are named but not there. */
export async function linkReferences({ count, ids, references }: Messages, pace: Pace): Promise<number[]> {
  const nodes = new IdTable();
  const parents: number[] = [];
  const roots: number[] = [];
  const add = () => {
    parents.push(NONE);
    return roots.push(roots.length) - 1;
  };
  for (let message = 0; message < count; message++) {
    add();
    // Of messages with one Message-ID, the first has it.
    if (ids[message] !== "") nodes.node(ids[message], 0, () => message);
  }
  const rootOf = (node: number) => {
    while (roots[node] !== node) node = roots[node] = roots[roots[node]];
    return node;
  };
  /** `child` must have no parent, so it is the root of its tree: a loop is where it is the parent's root too. */
  const link = (parent: number, child: number) => {
    if (rootOf(parent) === child) return;
    parents[child] = parent;
    roots[child] = parent;
  };
  for (let message = 0; message < count; message++) {
    const text = references[message];
    if (text !== "") link(nodes.node(text, text.length - ID_LENGTH, add), message);
    if (message % 1024 === 0 && pace.due) await pace.giveWay();
  }
  for (let message = 0; message < count; message++) {
    const text = references[message];
    // A single reference links nothing but the message itself.
    if (text.length === ID_LENGTH) continue;
    let before = NONE;
    for (let at = 0; at < text.length; at += ID_LENGTH) {
      const node = nodes.node(text, at, add);
      // A message says itself who its parent is, and that counts against all that was said before it.
      if (before !== NONE && parents[node] === NONE && (node >= count || node < message)) link(before, node);
      before = node;
    }
    if (message % 256 === 0 && pace.due) await pace.giveWay();
  }
  return parents;
}
