/** What a running server may do: what its configuration needs, and no more. */
import { basename, dirname, join } from "node:path";
import { CHECKPOINT_THREAD } from "../../store/sqlite/checkpointplace.ts";
import { runPlace } from "../../store/sqlite/bellrun.ts";
import { acmeFiles } from "../config/acmeschema.ts";
import type { Config } from "../config/schema.ts";
import { pairFiles } from "../config/pairfiles.ts";

/**
 * Reads and writes the data directory, which need not be there yet, and the sockets; reads certificates and secrets. Ports are not listed: Deno
 * lets a program use Unix sockets only by their whole names, and those between processes are made up as they start.
 */
export function permissionsOf(config: Config): Deno.PermissionOptionsObject {
  const real = realPlace(config.dataDir);
  const run = runPlace(real);
  const sockets = config.listeners.flatMap(({ path }) => path === undefined ? [] : [path]);
  const files = [config.dataDir, real, ...(run.far ? [run.path] : []), ...sockets];
  const certificates = pairFiles(config.tls).flatMap(({ files: { cert, key } }) => [cert, key]);
  const secret = config.oauth?.introspection?.clientSecretFile;
  const { passwordFile, command } = config.junk ?? {};
  const secrets = [secret, passwordFile, ...acmeFiles(config.tls.acme)].filter((file) => file !== undefined);
  return {
    read: [...files, ...certificates, ...secrets, CHECKPOINT_THREAD],
    write: files,
    net: "inherit",
    ffi: config.tls.engine === "deno" ? false : "inherit",
    env: "inherit",
    sys: "inherit",
    run: command ? [command[0]] : false,
    import: false,
  };
}

/** The path without links, also of what is not there. */
function realPlace(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    // Whether the rest can be made is not for us to say.
    if (path === dirname(path)) throw error;
    return join(realPlace(dirname(path)), basename(path));
  }
}
