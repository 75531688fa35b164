/** `roost imapserve`: one IMAP session on standard input and output, already logged in. */
import { Authenticator } from "../../auth/authenticator.ts";
import { Attempts } from "../attempts.ts";
import { loadConfig } from "../config/load.ts";
import { serveConnection } from "../imap/connection.ts";
import { setUpLog } from "../log.ts";
import { Admission } from "../net/admission.ts";
import { stdioTransport } from "../net/stdio.ts";
import { findAccount, requireData } from "./data.ts";
import { openData } from "./open.ts";
import { SHUTTING_DOWN } from "./sessions.ts";
import { stopSignal } from "./stop.ts";

/**
 * Ends when the client does. A disabled account is served too: it cannot log in, but who runs this needs no login.
 * @throws {AdminError} no such account
 */
export async function imapserve(
  file: string | undefined,
  address: string,
  { fd0 = false }: { fd0?: boolean },
): Promise<void> {
  const { config } = loadConfig(file);
  // Standard error is often the terminal of the mail client that started this.
  await setUpLog(config.log, { least: "error" });
  requireData(config);
  await using cleanup = new AsyncDisposableStack();
  const store = await openData(config);
  cleanup.defer(() => store.close());
  const attempts = new Attempts(store.directory);
  cleanup.defer(() => attempts.close());
  const account = await findAccount(store, address);
  const stopped = stopSignal();
  const { loginFailuresPerMinute: failuresPerMinute, loginFailuresPerDay: failuresPerDay } = config.limits;
  await serveConnection(stdioTransport({ fd0 }), {
    store,
    auth: new Authenticator(store.directory, { failuresPerMinute, failuresPerDay }),
    config,
    admission: new Admission(config.limits),
    attempts,
  }, {
    id: `stdio-${Deno.pid}`,
    cleartextLogin: true,
    preauth: account,
    onOpen: (view) => void stopped.then(() => view.stop(SHUTTING_DOWN)),
  });
}
