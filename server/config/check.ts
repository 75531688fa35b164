/**
 * Whether this machine can do what the configuration asks: files, directories and ports. All faults are found in one go.
 */
import { dirname } from "node:path";
import { checkAcme } from "./acme.ts";
import type { Fault, LoadedConfig, Path } from "./load.ts";
import { reason } from "../reason.ts";
import { checkOAuth } from "./oauthoptions.ts";
import { place } from "./place.ts";
import { isLoopback, type ListenerConfig } from "./schema.ts";
import { socketState } from "../net/unixsocket.ts";
import { openSslEngine } from "../net/tls/engine.ts";
import { pairFiles } from "./pairfiles.ts";
import { type KeyPair, KeyPairError, KeyPairs, makeSelfSigned, readKeyPair } from "./tls.ts";

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

  const pairs: KeyPair[] = [];
  for (const { files, path } of pairFiles(config.tls)) {
    try {
      pairs.push(await readKeyPair(files));
    } catch (error) {
      if (!(error instanceof KeyPairError)) throw error;
      faults.push(fault([...path, error.part], error.message));
    }
  }
  faults.push(...await checkEngine(loaded, pairs));
  faults.push(...await checkOAuth(loaded));
  const acme = await checkAcme(loaded);
  faults.push(...acme.faults);
  warnings.push(...acme.warnings);

  for (const [at, listener] of config.listeners.entries()) {
    const path: Path = ["listeners", at];
    if (listener.path !== undefined) {
      const taken = config.listeners.slice(0, at).findIndex((other) => other.path === listener.path);
      const message = taken >= 0
        ? `${listener.path} is taken by listeners[${taken}]`
        : await checkSocket(listener.path, ports);
      if (message) faults.push(fault([...path, "path"], message));
      continue;
    }
    const earlier = config.listeners.findIndex((other, position) => position < at && collide(listener, other));
    if (earlier >= 0) faults.push(fault([...path, "port"], `${place(listener)} is taken by listeners[${earlier}]`));
    else if (ports) {
      const busy = checkPort(listener);
      if (busy) faults.push(fault([...path, "port"], busy));
    }
    if ((listener.protocol === "http" || listener.protocol === "lmtp") && listener.proxyNetworks.length > 0) {
      faults.push(fault([...path, "proxyNetworks"], `is not possible with ${listener.protocol}`));
    }
    if (isLoopback(listener.address)) continue;
    if (listener.protocol === "lmtp" && listener.networks.length === 0) {
      warnings.push(fault([...path, "networks"], `anybody who reaches ${place(listener)} can deliver mail`));
    }
    if (listener.protocol === "imap" && listener.cleartextLogin) {
      warnings.push(
        fault([...path, "cleartextLogin"], `passwords cross the network in clear text at ${place(listener)}`),
      );
    }
    if (listener.protocol === "http" && listener.metrics) {
      warnings.push(fault([...path, "address"], `anybody who reaches ${place(listener)} can read the metrics`));
    }
  }
  return { faults, warnings };
}

/** What Deno's own TLS cannot do must not be asked for where OpenSSL is not used. */
async function checkEngine({ config, fault }: LoadedConfig, pairs: readonly KeyPair[]): Promise<Fault[]> {
  const { engine, certificates } = config.tls;
  if (engine !== "deno" && await openSslWorks(pairs)) return [];
  if (engine === "openssl") return [fault(["tls", "engine"], "libssl 3 cannot be loaded on this machine")];
  const faults: Fault[] = [];
  const lack = engine === "deno"
    ? "is not possible with tls.engine deno"
    : "needs libssl 3, which cannot be loaded on this machine";
  if (certificates.length > 1 || (certificates.length > 0 && config.tls.cert !== undefined)) {
    faults.push(fault(["tls", "certificates"], `more than one certificate ${lack}`));
  }
  config.listeners.forEach(({ protocol, proxyNetworks }, at) => {
    if (protocol === "https") faults.push(fault(["listeners", at, "protocol"], `https ${lack}`));
    if (protocol === "imaps" && proxyNetworks.length > 0) {
      faults.push(fault(["listeners", at, "proxyNetworks"], `a proxy before imaps ${lack}`));
    }
  });
  return faults;
}

async function openSslWorks(pairs: readonly KeyPair[]): Promise<boolean> {
  const engine = openSslEngine(new KeyPairs(pairs.length > 0 ? pairs : [await makeSelfSigned("localhost")]));
  engine?.close();
  return engine !== undefined;
}

function collide(a: ListenerConfig, b: ListenerConfig): boolean {
  if (b.path !== undefined || a.port !== b.port || a.port === 0) return false;
  const everything = (address: string) => address === "0.0.0.0" || address === "::";
  return a.address === b.address || (a.address.includes(":") === b.address.includes(":") &&
    (everything(a.address) || everything(b.address)));
}

/** What is in the way of a Unix socket. `ports`: a socket that somebody listens at is, too. */
async function checkSocket(path: string, ports: boolean): Promise<string | undefined> {
  try {
    if (!Deno.statSync(dirname(path)).isDirectory) return `${dirname(path)} is not a directory`;
    const state = await socketState(path);
    if (state === "other") return `${path} is no socket, and will not be removed`;
    return ports && state === "taken" ? `${path} is in use by another program` : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${dirname(path)} does not exist`;
    return `cannot listen on ${path}: ${reason(error)}`;
  }
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
