/** The sessions of all threads, for the command line. */
import type { AccountId } from "../../store/types.ts";
import type { Sessions } from "../admin/sessions.ts";
import type { SessionFacts } from "../control/protocol.ts";
import type { Controlled } from "../control/server.ts";
import type { Team } from "./team.ts";

/** Lets the others ask for this thread's. */
export function answerForSessions(team: Team, own: Sessions): void {
  team.on("sessions", (account) => [...own.sessions(account)]);
  team.on("endAccount", (account) => own.endAccount(account));
  team.on("endSession", (id) => own.endSession(id));
}

export class AllSessions implements Controlled {
  constructor(readonly team: Team, readonly own: Sessions) {}

  /** In the order in which they began. */
  async sessions(account?: AccountId): Promise<SessionFacts[]> {
    const others = whole(await this.team.others("sessions", account));
    return [...this.own.sessions(account), ...others.flat()].sort((a, b) => Number(a.id) - Number(b.id));
  }

  async endAccount(account: AccountId): Promise<number> {
    const [own, others] = await Promise.all([this.own.endAccount(account), this.team.others("endAccount", account)]);
    return sum([own, ...whole(others)]);
  }

  async endSession(id: string): Promise<number> {
    const [own, others] = await Promise.all([this.own.endSession(id), this.team.others("endSession", id)]);
    return sum([own, ...whole(others)]);
  }
}

/** Half an answer would be a wrong one. */
function whole<T>(answers: readonly (T | undefined)[]): T[] {
  return answers.map((answer) => {
    if (answer === undefined) throw new Error("a thread does not answer");
    return answer;
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}
