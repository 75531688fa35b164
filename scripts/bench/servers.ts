/** The servers that are measured side by side: Roost from this tree, and the Dovecot that is installed; each in a folder of its own. */
import { type Program, startServer } from "../../tests/support/server.ts";
import { VERSION } from "../../server/version.ts";

export interface BenchServer {
  readonly name: string;
  readonly version: string;
  /** What is on the disk when it says OK. */
  readonly durability: string;
  /** LOGIN is allowed without TLS. */
  readonly imapPort: number;
  readonly imapsPort: number;
  /** Root of its processes. */
  readonly pid: number;
  /** Ends it and starts it again, on the same ports and mail. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const PASSWORD = "pass-phrase";
export const USERS = 100;

/** `u000` and so on. */
export function userName(number: number): string {
  return `u${String(number % USERS).padStart(3, "0")}`;
}

/** Takes any number of connections and logins from one machine. */
export const NO_LIMITS = {
  connectionsPerMinute: 0,
  connectionsPerAddress: 0,
  connectionsPerAccount: 0,
  loginFailuresPerMinute: 0,
  loginFailuresPerDay: 0,
};

export async function startRoost(program?: Program): Promise<BenchServer> {
  const server = await startServer({ limits: NO_LIMITS, program });
  await server.addAccounts(Array.from({ length: USERS }, (_, at) => ({ address: userName(at), password: PASSWORD })));
  return {
    name: "Roost",
    version: `Roost ${VERSION}, Deno ${Deno.version.deno}`,
    durability: "content, COPY, MOVE and EXPUNGE flushed to the disk; flags within half a second",
    imapPort: server.imapPort,
    imapsPort: server.imapsPort,
    get pid() {
      return server.pid;
    },
    restart: () => server.restart(),
    async close() {
      await server.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}
