/**
 * The command line; what can be called stands in cli/. Each subcommand's file is loaded when it is the one to run, so that small ones
 * start fast.
 * Faults end here (see report.ts); a wrong call has the exit code 2.
 */
import { Command, CommanderError } from "commander";
import { printable } from "../printable.ts";
import { addAcmeCommands } from "./cli/acme.ts";
import { addAccountCommands } from "./cli/account.ts";
import { addAttemptsCommand } from "./cli/attempts.ts";
import { addCompletionCommand } from "./cli/completion.ts";
import { addConfigCommands } from "./cli/config.ts";
import { addDomainCommands } from "./cli/domain.ts";
import { addRecoveryCommands } from "./cli/recovery.ts";
import { addMailCommands, addServeCommand } from "./cli/server.ts";
import { addSessionCommands } from "./cli/sessions.ts";
import { addTlsKeyCommands } from "./cli/tlskey.ts";
import { addTransferCommands } from "./cli/transfer.ts";
import { report } from "./report.ts";

/** Runs one subcommand to its end. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = makeProgram((code) => exitCode = code);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error);
  }
}

/** All subcommands. `exit` takes the exit code of one that ended without a fault. */
export function makeProgram(exit: (code: number) => void): Command {
  const program = new Command("roost")
    .description("An IMAP server: keeps mail and serves it to mail clients.")
    .option("-c, --config <file>", "configuration file (YAML); without it all is default, with data in ./data")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, "roost: ").split("\n").map(printable).join("\n")),
    })
    .exitOverride()
    .helpCommand(false);
  const config = () => program.opts<{ config?: string }>().config;

  addServeCommand(program, config);
  addAccountCommands(program, config);
  addDomainCommands(program, config);
  addSessionCommands(program, config);
  addTlsKeyCommands(program, config);
  addAcmeCommands(program, config);
  addAttemptsCommand(program, config);
  addConfigCommands(program, config, exit);
  addMailCommands(program, config);
  addTransferCommands(program, config, exit);
  addRecoveryCommands(program, config, exit);
  addCompletionCommand(program);
  return program;
}
