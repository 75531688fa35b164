/** Roost with many accounts. */
import { deriveCredentials } from "../../auth/secrets.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { startServer, type TestServer } from "../../tests/support/server.ts";
import { NO_LIMITS, PASSWORD } from "./servers.ts";

/** So many have mail; the others have never been used. */
const USED = 200;

export function accountName(number: number): string {
  return `a${number}`;
}

/** A stopped server with so many accounts. All have the same secrets: deriving some for each takes longer than all the rest. */
export async function serverWithAccounts(count: number): Promise<TestServer> {
  const server = await startServer({ limits: NO_LIMITS });
  await server.stop();
  const store = await openStore({ dataDir: server.dataDir, quotaBytes: 0, quotaMessages: 0 });
  try {
    const credentials = await deriveCredentials(PASSWORD);
    const names = Array.from({ length: count }, (_, at) => ({ address: accountName(at), credentials }));
    const accounts = await store.directory.add(names);
    for (const { id } of accounts.slice(0, USED)) await store.mail(id).mailboxes();
  } finally {
    await store.close();
  }
  return server;
}
