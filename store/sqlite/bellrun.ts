/**
 * The folder where processes find each other: a socket for each process that listens. A socket appears there under its name
 * only when it can be connected to, so one that refuses belongs to a dead process.
 */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest path of a Unix socket that every system takes, in bytes (Linux has 107, macOS 103). */
const MAX_SOCKET_PATH = 100;

/** Room for `/<name>.new`. */
const NAME_ROOM = 32;

const SOCKET = /^\d+-[0-9a-f]{8}\.sock$/;

/** Age in milliseconds from which a half-made socket belongs to nobody. */
const ABANDONED = 60_000;

/**
 * `dataDir`/run; where that is too long for a socket's path, a folder of our own among the temporary files that every process
 * with the same data folder finds. Made where it is not there.
 * @throws where it cannot be made, or is not ours alone
 */
export function runFolder(dataDir: string): string {
  Deno.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const real = Deno.realPathSync(dataDir);
  const { path, far } = runPlace(real);
  if (!far) {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }
  makeFar(path, real);
  return path;
}

/** Where the folder is, or will be. @param real the data folder without links */
export function runPlace(real: string): { path: string; far: boolean } {
  const near = join(real, "run");
  if (byteLength(near) + NAME_ROOM <= MAX_SOCKET_PATH) return { path: near, far: false };
  return { path: join(tmpdir(), `roost-${createHash("sha256").update(real).digest("hex").slice(0, 16)}`), far: true };
}

function makeFar(far: string, real: string): void {
  try {
    Deno.mkdirSync(far, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  // Others may write among the temporary files: the folder must be the data folder's owner's, and nobody else's.
  const info = Deno.lstatSync(far);
  const owners = [Deno.uid(), Deno.statSync(real).uid];
  if (!info.isDirectory || !owners.includes(info.uid) || ((info.mode ?? 0) & 0o077) !== 0) {
    throw new Error(`${far} is not a private folder of this user`);
  }
}

export interface OwnSocket {
  readonly name: string;
  readonly listener: Deno.UnixListener;
}

/**
 * A new socket that is listened on before others can find it.
 * @param mark eight hexadecimal digits that no other socket of the process has; random unless given
 */
export function openSocket(folder: string, mark = crypto.randomUUID().slice(0, 8)): OwnSocket {
  const name = `${Deno.pid}-${mark}.sock`;
  const born = join(folder, `${name}.new`);
  const listener = Deno.listen({ transport: "unix", path: born });
  try {
    Deno.chmodSync(born, 0o600);
    Deno.renameSync(born, join(folder, name));
  } catch (error) {
    listener.close();
    throw error;
  }
  return { name, listener };
}

/** Names of the sockets of all processes that listen; removes what a killed process left half made. */
export function socketNames(folder: string): string[] {
  const names: string[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    if (SOCKET.test(name)) names.push(name);
    else if (name.endsWith(".sock.new")) removeAbandoned(join(folder, name));
  }
  return names;
}

function removeAbandoned(path: string): void {
  try {
    const { mtime } = Deno.lstatSync(path);
    if (mtime !== null && Date.now() - mtime.getTime() > ABANDONED) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
