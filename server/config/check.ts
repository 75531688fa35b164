/**
 * Whether this machine can do what the configuration asks: files, directories and ports. All faults are found in one go.
 */
import { dirname } from "node:path";
import type { Fault, LoadedConfig, Path } from "./load.ts";
import { reason } from "./load.ts";
import { isLoopback, type ListenerConfig } from "./schema.ts";
import { KeyPairError, readKeyPair } from "./tls.ts";

export interface CheckResult {
  readonly faults: readonly Fault[];
  /** Allowed, but worth a second look. */
  readonly warnings: readonly Fault[];
}

/** `ports`: also see that the ports are free; not while a server runs on them. */
export async function checkConfig(loaded: LoadedConfig, { ports }: { ports: boolean }): Promise<CheckResult> {
  const { config, fault } = loaded;
  const faults: Fault[] = [];
  const warnings: Fault[] = [];

  const dataDirFault = checkDataDir(config.dataDir);
  if (dataDirFault) faults.push(fault(["dataDir"], dataDirFault));

  if (config.tls) {
    try {
      await readKeyPair(config.tls);
    } catch (error) {
      if (!(error instanceof KeyPairError)) throw error;
      faults.push(fault(["tls", error.part], error.message));
    }
  }

  config.listeners.forEach((listener, at) => {
    const path: Path = ["listeners", at];
    const earlier = config.listeners.findIndex((other, position) => position < at && collide(listener, other));
    if (earlier >= 0) faults.push(fault([...path, "port"], `${place(listener)} is taken by listeners[${earlier}]`));
    else if (ports) {
      const busy = checkPort(listener);
      if (busy) faults.push(fault([...path, "port"], busy));
    }
    if (isLoopback(listener.address)) return;
    if (listener.protocol === "imap" && listener.cleartextLogin) {
      warnings.push(
        fault([...path, "cleartextLogin"], `passwords cross the network in clear text at ${place(listener)}`),
      );
    }
    if (listener.protocol === "http") {
      warnings.push(fault([...path, "address"], `anybody who reaches ${place(listener)} can read the metrics`));
    }
  });
  return { faults, warnings };
}

/** "127.0.0.1:1143", "[::1]:1143" */
export function place({ address, port }: { address: string; port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function collide(a: ListenerConfig, b: ListenerConfig): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  const everything = (address: string) => address === "0.0.0.0" || address === "::";
  return a.address === b.address || (a.address.includes(":") === b.address.includes(":") &&
    (everything(a.address) || everything(b.address)));
}

function checkPort(listener: ListenerConfig): string | undefined {
  try {
    Deno.listen({ hostname: listener.address, port: listener.port }).close();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return `${place(listener)} is in use by another program`;
    return `cannot listen on ${place(listener)}: ${reason(error)}`;
  }
}

/** The directory itself, or the nearest one above it that exists, must be one that we can write to. */
function checkDataDir(directory: string): string | undefined {
  let nearest = directory;
  while (true) {
    try {
      if (!Deno.statSync(nearest).isDirectory) return `${nearest} is not a directory`;
      Deno.removeSync(Deno.makeTempFileSync({ dir: nearest, prefix: ".roost-check-" }));
      return undefined;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return `${nearest} cannot be written to: ${reason(error)}`;
      if (nearest === dirname(nearest)) return `${directory} cannot be made`;
      nearest = dirname(nearest);
    }
  }
}
