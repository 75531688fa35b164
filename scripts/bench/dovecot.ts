/** The Dovecot of this machine, as its manual advises for speed, in a folder of its own. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ITERATIONS, scramSecret, SHA256 } from "../../auth/secrets.ts";
import { selfSigned } from "../../tests/support/certificate.ts";
import { sleep } from "./measure.ts";
import { type BenchServer, PASSWORD, userName, USERS } from "./servers.ts";

const PROGRAM = "/usr/sbin/dovecot";

/** @returns undefined where there is no Dovecot */
export async function startDovecot(): Promise<BenchServer | undefined> {
  if (!await Deno.stat(PROGRAM).catch(() => undefined)) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "roost-bench-dovecot-" });
  await Deno.chmod(folder, 0o755);
  const { cert, key } = await selfSigned();
  await Deno.writeTextFile(join(folder, "cert.pem"), cert);
  await Deno.writeTextFile(join(folder, "key.pem"), key);
  await Deno.mkdir(join(folder, "mail"));
  await run("chown", "mail:mail", join(folder, "mail"));
  const secret = await hashedPassword();
  const users = Array.from({ length: USERS }, (_, at) => `${userName(at)}:${secret}\n`).join("");
  await Deno.writeTextFile(join(folder, "users"), users);
  const [imapPort, imapsPort] = freePorts();
  await Deno.writeTextFile(join(folder, "dovecot.conf"), configuration(folder, imapPort, imapsPort));
  let child = await start(folder, imapPort);
  const stop = async () => {
    child.kill("SIGTERM");
    await child.status;
  };
  return {
    name: "Dovecot",
    version: `Dovecot ${(await run(PROGRAM, "--version")).trim()}, sdbox`,
    durability: "content flushed to the disk (mail_fsync = optimized); index changes not",
    imapPort,
    imapsPort,
    get pid() {
      return child.pid;
    },
    async restart() {
      await stop();
      child = await start(folder, imapPort);
    },
    async close() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Of as many rounds as Roost's; `doveadm pw` makes such of 4,096 only. */
async function hashedPassword(): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const { storedKey, serverKey } = await scramSecret(SHA256, new TextEncoder().encode(PASSWORD), salt, ITERATIONS);
  const parts = [salt, storedKey, serverKey].map((bytes) => Buffer.from(bytes).toString("base64"));
  return `{SCRAM-SHA-256}${ITERATIONS},${parts.join(",")}`;
}

async function start(folder: string, port: number): Promise<Deno.ChildProcess> {
  const child = new Deno.Command("sh", {
    // Thousands of connections need as many files.
    args: ["-c", `ulimit -n "$(ulimit -Hn)"; exec ${PROGRAM} -F -c "${join(folder, "dovecot.conf")}"`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await listening(port);
  return child;
}

/**
 * Login processes for both cores that live on, mail processes that serve many logins, hibernation of what is idle, and passwords
 * hashed as Roost hashes them.
 */
function configuration(folder: string, imapPort: number, imapsPort: number): string {
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
mail_fsync = optimized
mail_max_keyword_length = 100
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
ssl_min_protocol = TLSv1.2
imap_hibernate_timeout = 5s
default_process_limit = 1000
default_client_limit = 19000
default_vsz_limit = 1G
namespace inbox {
  inbox = yes
  separator = /
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
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${imapsPort}
    ssl = yes
  }
}
service imap {
  process_limit = 6000
  process_min_avail = 4
  service_count = 256
  idle_kill = 10s
  client_limit = 1
  unix_listener imap-master {
    user = $default_internal_user
  }
}
service imap-hibernate {
  client_limit = 19000
  process_limit = 1
  unix_listener imap-hibernate {
    mode = 0660
    group = mail
  }
}
service auth {
  client_limit = 19000
}
service anvil {
  client_limit = 19000
}
service stats {
  client_limit = 19000
}
`;
}

function freePorts(): [number, number] {
  using first = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using second = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return [first.addr.port, second.addr.port];
}

async function listening(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    }
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (code !== 0) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
