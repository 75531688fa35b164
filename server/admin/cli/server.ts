/** `roost serve`, and what works on mail beside it. */
import type { Command } from "commander";
import { VERSION } from "../../version.ts";
import type { ConfigFile } from "./arguments.ts";

export function addServeCommand(program: Command, config: ConfigFile): void {
  program.command("serve")
    .description("run the server until it is stopped by a signal")
    .action(async () => {
      const { launch } = await import("../launch.ts");
      await launch(config());
    });
}

export function addMailCommands(program: Command, config: ConfigFile): void {
  program.command("imapserve")
    .description(
      "serve one IMAP session on standard input and output, already logged in (for mutt's tunnel and the like)",
    )
    .argument("<address>", "account")
    .option("--fd0", "use descriptor 0, a socket, for both directions")
    .action(async (address: string, options: { fd0?: boolean }) => {
      const { imapserve } = await import("../imapserve.ts");
      await imapserve(config(), address, options);
    });
  program.command("deliver")
    .description("deliver one message from standard input, as LMTP does; its exit codes are those of sysexits.h")
    .argument("<address>", "recipient: an account's address, also with a mailbox behind it as ann+lists@example.org")
    .option("-f, --sender <address>", "envelope sender, for Return-Path; empty is the null sender")
    .option("-m, --mailbox <name>", "put it there, whatever header and address say; it must exist")
    .addHelpText(
      "after",
      "\nExit codes: 0 delivered, 65 no message or too large, 67 no such account, 73 no such mailbox,\n" +
        "75 try again later, 77 over quota where delivery.overQuota is permanent.",
    )
    .action(async (address: string, options: { sender?: string; mailbox?: string }) => {
      const { deliver } = await import("../deliver.ts");
      await deliver(config(), address, options);
    });
  program.command("version")
    .description("print the version")
    .action(() => console.log(`roost ${VERSION}`));
}
