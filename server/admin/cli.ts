/**
 * The command line. Each subcommand's file is loaded when it is the one to run, so that small ones start fast.
 * Faults end here: one line on standard error, exit code 1, or 2 for a wrong call.
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { StoreError } from "../../store/types.ts";
import { ConfigError } from "../config/load.ts";
import { parseSize } from "../config/schema.ts";
import { VERSION } from "../version.ts";
import { AdminError } from "./errors.ts";

/** Runs one subcommand to its end. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = makeProgram((code) => exitCode = code);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof AdminError || error instanceof StoreError || error instanceof ConfigError) {
    for (const line of error.message.split("\n")) console.error(`roost: ${line}`);
    return error instanceof AdminError ? error.exitCode : 1;
  }
  if (error instanceof Deno.errors.BrokenPipe) return 1; // as in `roost account list | head -1`
  console.error("roost: this should not have happened:", error);
  return 1;
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It must be a number of bytes or a size as "500 MiB".');
  return bytes;
}

/** All subcommands. `exit` takes the exit code of one that ended without a fault. */
export function makeProgram(exit: (code: number) => void): Command {
  const program = new Command("roost")
    .description("An IMAP server: keeps mail and serves it to mail clients.")
    .option("-c, --config <file>", "configuration file (YAML); without it all is default, with data in ./data")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "roost: ")) })
    .exitOverride()
    .helpCommand(false);
  const config = () => program.opts<{ config?: string }>().config;

  program.command("serve")
    .description("run the server until it is stopped by a signal")
    .action(async () => {
      const { serve } = await import("./serve.ts");
      await serve(config());
    });

  addAccountCommands(program, config);

  const configuration = program.command("config").description("check and describe the configuration")
    .helpCommand(false);
  configuration.command("check")
    .description("tell all that is wrong with the configuration file")
    .option("--no-ports", "do not look whether the ports are free (while the server runs they are not)")
    .action(async (options: { ports: boolean }) => {
      const { configCheck } = await import("./config.ts");
      exit(await configCheck(config(), options));
    });
  configuration.command("example")
    .description("print a configuration file with every key and its default")
    .action(async () => (await import("./config.ts")).configExample());
  configuration.command("schema")
    .description("print the configuration's JSON Schema")
    .action(async () => (await import("./config.ts")).configSchemaText());

  program.command("imapserve")
    .description(
      "serve one IMAP session on standard input and output, already logged in (for mutt's tunnel and the like)",
    )
    .argument("<address>", "account")
    .option("--fd0", "use descriptor 0, a socket, for both directions")
    .action(async (address: string, options: { fd0?: boolean }) => {
      const { imapserve } = await import("./imapserve.ts");
      await imapserve(config(), address, options);
    });

  program.command("deliver")
    .description("put one message from standard input into an account; exit code 75: try again later")
    .argument("<address>", "account")
    .option("-m, --mailbox <name>", "mailbox; it must exist", "INBOX")
    .action(async (address: string, options: { mailbox: string }) => {
      const { deliver } = await import("./deliver.ts");
      await deliver(config(), address, options);
    });

  program.command("verify")
    .description("check every promise of the store, changing nothing, and tell what is broken")
    .action(async () => {
      const { verify } = await import("./verify.ts");
      exit(await verify(config()));
    });

  program.command("version")
    .description("print the version")
    .action(() => console.log(`roost ${VERSION}`));

  return program;
}

function addAccountCommands(program: Command, config: () => string | undefined): void {
  const account = program.command("account").description("manage accounts; works beside a running server")
    .helpCommand(false);
  const commands = () => import("./account.ts");

  account.command("add")
    .description("add an account; asks for the password twice unless told where it comes from")
    .argument("[address]", "what its owner logs in with, usually the mail address")
    .option("--password-stdin", "read the password from standard input")
    .option("--batch <file>", "add many at once: lines of address<TAB>password; - is standard input")
    .option("--quota <size>", 'most bytes it may keep, as "10 GiB"; 0 is no limit; default: as configured', size)
    .action(async (address: string | undefined, options) => (await commands()).accountAdd(config(), address, options));
  account.command("list")
    .description("list accounts: address, state, quota, administrators, withheld capabilities, separated by tabs")
    .action(async () => (await commands()).accountList(config()));
  account.command("remove")
    .description("remove an account and all its mail")
    .argument("<address>")
    .option("-y, --yes", "do not ask on a terminal")
    .action(async (address: string, options) => (await commands()).accountRemove(config(), address, options));
  account.command("passwd")
    .description("set a new password")
    .argument("<address>")
    .option("--password-stdin", "read the password from standard input")
    .action(async (address: string, options) => (await commands()).accountPasswd(config(), address, options));
  account.command("disable")
    .description("refuse its logins; mail is still delivered")
    .argument("<address>")
    .option("--message <text>", "what its owner is told after the right password", "this account is disabled")
    .action(async (address: string, options) => (await commands()).accountDisable(config(), address, options));
  account.command("enable")
    .description("allow its logins again")
    .argument("<address>")
    .action(async (address: string) => (await commands()).accountEnable(config(), address));
  account.command("quota")
    .description("set how much it may keep")
    .argument("<address>")
    .argument(
      "<size>",
      '"10 GiB"; 0 is no limit; "default" as configured',
      (text) => text === "default" ? null : size(text),
    )
    .action(async (address: string, bytes) => (await commands()).accountQuota(config(), address, bytes));
  account.command("withhold")
    .description(
      "do not offer these capabilities to its clients (some misuse what they are offered); none: offer all again",
    )
    .argument("<address>")
    .argument("[capability...]", "as CAPABILITY tells it: UIDONLY, COMPRESS=DEFLATE")
    .action(async (address: string, capabilities: string[]) =>
      (await commands()).accountWithhold(config(), address, capabilities)
    );
  account.command("admin")
    .description("make it an administrator, who may set the quota of every account by IMAP, or take that back")
    .argument("<address>")
    .argument("<on|off>", "on or off", onOrOff)
    .action(async (address: string, admin) => (await commands()).accountAdmin(config(), address, admin));
}

function onOrOff(text: string): boolean {
  if (text !== "on" && text !== "off") throw new InvalidArgumentError("It must be on or off.");
  return text === "on";
}
