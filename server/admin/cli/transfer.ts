/** `roost import`, `roost export` and `roost sync`. */
import { Argument, type Command } from "commander";
import { FORMATS } from "../formats.ts";
import { parseSourceAddress } from "../../sync/url.ts";
import { checked, type ConfigFile, count, size } from "./arguments.ts";

/** @param exit takes the exit code of a command that ended without a fault */
export function addTransferCommands(program: Command, config: ConfigFile, exit: (code: number) => void): void {
  const format = () => new Argument("<format>", "of the files").choices(FORMATS);
  program.command("import")
    .description(
      "add the mail in files of another program to an account; a second run adds only what is missing. " +
        "Exit code 1: something was skipped",
    )
    .addArgument(format())
    .argument("<path>", "file or folder: a Maildir with its folders, mbox files, .eml files")
    .argument("<address>", "account")
    .option("-m, --mailbox <name>", "where its INBOX goes, and all others below; default: the same names")
    .option("--max-size <size>", "skip larger messages; default: limits.messageSize", size)
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (format, path: string, address: string, options) => {
      const { importCommand } = await import("../import.ts");
      exit(await importCommand(config(), format, path, address, options));
    });
  program.command("export")
    .description("write an account's mail to files; a second run adds only what is missing")
    .addArgument(format())
    .argument("<address>", "account")
    .argument("<path>", "folder; made if it is not there")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (format, address: string, path: string, options) => {
      const { exportCommand } = await import("../export.ts");
      exit(await exportCommand(config(), format, address, path, options));
    });
  program.command("sync")
    .description(
      "mirror an account of another IMAP server: mailboxes, messages, flags, keywords, dates, special uses, subscriptions. " +
        "A second run brings what changed there; what was changed here stays. Exit code 1: something was skipped or failed",
    )
    .option("--from <url>", "imaps://user@host[:port], or imap:// for STARTTLS", checked(parseSourceAddress))
    .option("--to <address>", "account here")
    .option(
      "--batch <file>",
      "many accounts: lines of URL, password (or file:PATH; empty: the one given apart), ADDRESS, tabs between",
    )
    .option("--parallel <number>", "accounts at a time, with --batch", count, 4)
    .option("--password-stdin", "read the password there from standard input")
    .option("--password-file <file>", "read it from a file's first line")
    .option("--oauth-token-file <file>", "log in with the OAuth access token in this file")
    .option("--insecure", "imap:// without TLS")
    .option("--tls-ca <file>", "trust these certificates (PEM) in place of the system's")
    .option("--tls-insecure", "trust any certificate")
    .option("--mailbox <pattern>", "only mailboxes that match (* and % as in LIST); may be given again", collect)
    .option("--exclude <pattern>", "not those that match; may be given again", collect)
    .option(
      "--keep-uids",
      "give mailboxes that are empty here the UIDs and UIDVALIDITY of there: clients need not download again",
    )
    .option("--keep-deleted", "leave here what is deleted there")
    .option("--delete-mailboxes", "remove mailboxes here that were mirrored and are gone there")
    .option("--max-size <size>", "skip larger messages; default: limits.messageSize", size)
    .option("-n, --dry-run", "say what would be done, and do nothing")
    .option("-q, --quiet", "do not tell how far it is")
    .action(async (options) => {
      const { syncCommand } = await import("../sync.ts");
      exit(await syncCommand(config(), options));
    });
}

const collect = (text: string, before: readonly string[] = []) => [...before, text];
