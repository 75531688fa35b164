import { Forest, type Messages } from "./forest.ts";

/** ORDEREDSUBJECT (RFC 5256 §3): messages of one base subject by date, those behind the first its children. */
export function orderedSubject({ count, subjects, ranks }: Messages): Forest {
  const forest = new Forest(count);
  const threads = new Map<string, number>();
  for (const message of inOrder(ranks)) {
    const first = threads.get(subjects[message]);
    if (first !== undefined) forest.append(first, message);
    else {
      threads.set(subjects[message], message);
      forest.roots.push(message);
    }
  }
  return forest;
}

/** The messages by rank. */
export function inOrder(ranks: Uint32Array): Uint32Array {
  const order = new Uint32Array(ranks.length);
  ranks.forEach((rank, message) => order[rank] = message);
  return order;
}
