/** `roost acme`: how certificates fare that come by themselves. It reads, and leaves notes for, the server's own folder. */
import { AcmeFolder, type NameState } from "../acme/folder.ts";
import type { AcmeConfig } from "../config/acmeschema.ts";
import { loadConfig } from "../config/load.ts";
import { reason } from "../reason.ts";
import { setUpLog } from "../log.ts";
import { AdminError } from "./errors.ts";
import { type Column, printTable, timeOrNull, timeText } from "./table.ts";

interface NameStatus {
  readonly name: string;
  readonly state: "none" | "valid" | "expired";
  /** Times are seconds since 1970; null: there is none. */
  readonly expires: number | null;
  /** When the certificate is renewed, or is tried for again after a failure. */
  readonly next: number | null;
  readonly failures: number;
  readonly error: string | null;
}

const COLUMNS: readonly Column<NameStatus>[] = [
  { title: "NAME", value: ({ name }) => name },
  { title: "STATE", value: ({ state }) => state },
  { title: "EXPIRES", value: ({ expires }) => timeText(expires) || "-" },
  { title: "NEXT", value: ({ next }) => timeText(next) || "-" },
  { title: "FAILURES", value: ({ failures }) => String(failures) },
  { title: "LAST ERROR", value: ({ error }) => error ?? "" },
];

export async function acmeStatus(file: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const { acme, folder } = await opened(file);
  const names: NameStatus[] = [];
  for (const name of acme.hostnames) names.push(await within(folder, () => statusOf(name, folder)));
  const asJson = ({ expires, next, ...rest }: NameStatus) => {
    return { ...rest, expires: timeOrNull(expires), next: timeOrNull(next) };
  };
  await printTable(names, COLUMNS, { json: json ? asJson : undefined });
}

async function statusOf(name: string, folder: AcmeFolder): Promise<NameStatus> {
  const certificate = await folder.certificate(name);
  const state = folder.state(name);
  return {
    name,
    state: !certificate ? "none" : certificate.notAfter < Date.now() ? "expired" : "valid",
    expires: seconds(certificate?.notAfter),
    next: seconds(nextOf(state)),
    failures: state.failures,
    error: state.lastError ?? null,
  };
}

export async function acmeRenew(file: string | undefined, wanted: string | undefined): Promise<void> {
  const { acme, folder } = await opened(file);
  const names = acme.hostnames.filter((name) => wanted === undefined || name === wanted.toLowerCase());
  if (names.length === 0) throw new AdminError(`tls.acme.hostnames has no ${wanted}`);
  // The folder must be the server's: made here it could belong to somebody else.
  await within(folder, () => Deno.stat(folder.path));
  for (const name of names) await within(folder, () => folder.demand(name));
  console.log(`a running server orders within half a minute: ${names.join(", ")}`);
}

async function opened(file: string | undefined): Promise<{ acme: AcmeConfig; folder: AcmeFolder }> {
  const { config } = loadConfig(file);
  await setUpLog(config.log, { least: "warning" });
  const { acme } = config.tls;
  if (!acme) throw new AdminError("tls.acme is not configured");
  return { acme, folder: new AcmeFolder(config.dataDir) };
}

/** @throws {AdminError} what could not be read or written */
async function within<T>(folder: AcmeFolder, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "no server has run with tls.acme yet"
      : `${folder.path} cannot be used: ${reason(error)}`;
    throw new AdminError(why);
  }
}

function nextOf({ failures, nextAttempt, renewAt }: NameState): number | undefined {
  return failures > 0 ? nextAttempt : renewAt;
}

/** From milliseconds. */
function seconds(time: number | undefined): number | null {
  return time === undefined ? null : Math.floor(time / 1000);
}
