/** The servers that are measured side by side: Roost from this tree, and the Dovecot that is installed; each in a folder of its own. */
import { join } from "node:path";
import { startServer } from "../../tests/support/server.ts";
import { selfSigned } from "../../tests/support/certificate.ts";

export interface BenchServer {
  readonly name: string;
  readonly imapsPort: number;
  /** Root of its processes. */
  readonly pid: number;
  close(): Promise<void>;
}

export const PASSWORD = "pass-phrase";
export const USERS = 20;

/** `u000` and so on. */
export function userName(number: number): string {
  return `u${String(number % USERS).padStart(3, "0")}`;
}

const NO_LIMITS = {
  connectionsPerMinute: 0,
  connectionsPerAddress: 0,
  connectionsPerAccount: 0,
  loginFailuresPerMinute: 0,
  loginFailuresPerDay: 0,
};

export async function startRoost(): Promise<BenchServer> {
  const server = await startServer({ limits: NO_LIMITS });
  await server.addAccounts(Array.from({ length: USERS }, (_, at) => ({ address: userName(at), password: PASSWORD })));
  return { name: "Roost", imapsPort: server.imapsPort, pid: server.pid, close: () => server[Symbol.asyncDispose]() };
}

/** @returns undefined where there is no Dovecot */
export async function startDovecot(): Promise<BenchServer | undefined> {
  const program = "/usr/sbin/dovecot";
  if (!await Deno.stat(program).catch(() => undefined)) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "roost-bench-dovecot-" });
  await Deno.chmod(folder, 0o755);
  const { cert, key } = await selfSigned();
  await Deno.writeTextFile(join(folder, "cert.pem"), cert);
  await Deno.writeTextFile(join(folder, "key.pem"), key);
  await Deno.mkdir(join(folder, "mail"));
  await run("chown", "mail:mail", join(folder, "mail"));
  const secret = await run("doveadm", "pw", "-s", "SCRAM-SHA-256", "-p", PASSWORD);
  const users = Array.from({ length: USERS }, (_, at) => `${userName(at)}:${secret.trim()}\n`).join("");
  await Deno.writeTextFile(join(folder, "users"), users);
  const port = freePort();
  await Deno.writeTextFile(join(folder, "dovecot.conf"), configuration(folder, port));
  const child = new Deno.Command(program, {
    args: ["-F", "-c", join(folder, "dovecot.conf")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await listening(port);
  return {
    name: "Dovecot",
    imapsPort: port,
    pid: child.pid,
    async close() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Long-lived login processes for both cores, and mail processes that serve many logins: what its manual advises for speed. */
function configuration(folder: string, port: number): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log
listen = 127.0.0.1
protocols = imap
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_location = sdbox:${folder}/mail/%u
auth_mechanisms = plain login scram-sha-256
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
ssl_min_protocol = TLSv1.2
default_process_limit = 1000
default_client_limit = 19000
namespace inbox {
  inbox = yes
}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
protocol imap {
  mail_max_userip_connections = 20000
}
service imap-login {
  service_count = 0
  process_min_avail = 2
  process_limit = 2
  client_limit = 9000
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
service imap {
  process_limit = 6000
  process_min_avail = 4
  service_count = 256
}
`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (code !== 0) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
