/** A Postfix of a test's own: its configuration, queue and log below a temporary directory. Needs root, as Postfix does. */
import { runProgram } from "../clients/support/run.ts";

/** As Debian's master.cf, with what delivery needs; lmtp in the chroot. `PORT` is where it takes mail by SMTP. */
const MASTER = `
127.0.0.1:PORT inet n - n - - smtpd
pickup    unix  n       -       n       1       1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
lmtp      unix  -       -       y       -       -       lmtp
showq     unix  n       -       n       -       -       showq
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
`;

/** Nothing leaves this machine, and nobody is trusted for where they are. */
const main = (directory: string) => `
compatibility_level = 3.6
queue_directory = ${directory}/queue
data_directory = ${directory}/data
maillog_file = ${directory}/log
maillog_file_prefixes = ${directory}
myhostname = mx.example.org
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
default_transport = error:nothing leaves this machine
address_verify_poll_delay = 1s
minimal_backoff_time = 1s
queue_run_delay = 1s
`;

export class Postfix implements AsyncDisposable {
  private constructor(readonly directory: string, readonly port: number) {}

  /** Where it keeps its mail; it runs chrooted there. */
  get queue(): string {
    return `${this.directory}/queue`;
  }

  /** For programs that should use this one: `sendmail`, `postfix`, `postqueue`. */
  get environment(): Record<string, string> {
    return { MAIL_CONFIG: `${this.directory}/etc`, PATH: `/usr/sbin:/sbin:${Deno.env.get("PATH")}` };
  }

  /** Makes the directories and the configuration; `start` starts it. */
  static async prepare(): Promise<Postfix> {
    const directory = await Deno.makeTempDir({ prefix: "roost-postfix-" });
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const postfix = new Postfix(directory, (free.addr as Deno.NetAddr).port);
    await Deno.chmod(directory, 0o755);
    for (const name of ["etc", "queue", "data"]) await Deno.mkdir(`${directory}/${name}`, { mode: 0o755 });
    await postfix.run(["chown", "postfix:postfix", `${directory}/data`]);
    await postfix.write("main.cf", main(directory));
    await postfix.write("master.cf", MASTER.replace("PORT", String(postfix.port)));
    return postfix;
  }

  /** Adds to one of its configuration files. */
  async write(file: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.directory}/etc/${file}`, text, { append: true });
  }

  async start(): Promise<void> {
    await this.run(["postfix", "start"]);
  }

  /** Runs a program that uses this Postfix. @throws {Error} it failed @returns its standard output */
  async run([program, ...args]: readonly string[], input?: string): Promise<string> {
    const { directory, environment: env } = this;
    const ran = await runProgram(program, args, { cwd: directory, env, input });
    if (ran.fault !== "") throw new Error(`${program} ${ran.fault}: ${ran.stderr}${ran.stdout}\n${await this.log()}`);
    return ran.stdout;
  }

  async log(): Promise<string> {
    try {
      return await Deno.readTextFile(`${this.directory}/log`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Waits until the log has a line. @throws {Error} with the log, after 20 s */
  async logged(line: RegExp): Promise<string> {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      const found = line.exec(await this.log());
      if (found) return found[0];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no line like ${line} in Postfix's log:\n${await this.log()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runProgram("postfix", ["abort"], { cwd: "/", env: this.environment }); // it may not have been started
    await Deno.remove(this.directory, { recursive: true });
  }
}
