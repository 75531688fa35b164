/** `roost account`. */
import type { Command } from "commander";
import { parseExpiry, parseScope } from "../../../auth/apppasswords.ts";
import { parseNetwork } from "../../../auth/networks.ts";
import { checked, type ConfigFile, onOrOff, searchMode, several, size } from "./arguments.ts";

export function addAccountCommands(program: Command, config: ConfigFile): void {
  const account = program.command("account").description("manage accounts; works beside a running server")
    .helpCommand(false);
  const commands = () => import("../account.ts");

  account.command("add")
    .description("add an account; asks for the password twice unless told where it comes from")
    .argument("[address]", "what its owner logs in with, usually the mail address")
    .option("--password-stdin", "read the password from standard input")
    .option("--batch <file>", "add many at once: lines of address<TAB>password; - is standard input")
    .option("--quota <size>", 'most bytes it may keep, as "10 GiB"; 0 is no limit; default: as configured', size)
    .action(async (address: string | undefined, options) => (await commands()).accountAdd(config(), address, options));
  account.command("list")
    .description("list accounts: address, state, quota, and what else is special; separated by tabs where it is piped")
    .option("--json", "as a JSON array")
    .action(async (options) => (await commands()).accountList(config(), options));
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
  account.command("search")
    .description("set what is kept to make its searches quick: for headers and text, for headers, nothing")
    .argument("<address>")
    .argument("<mode>", 'full, headers or off; "default" as configured', searchMode)
    .action(async (address: string, mode) => (await commands()).accountSearch(config(), address, mode));
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
  account.command("app-passwords-only")
    .description(
      "refuse its main password to mail programs, so that only app passwords and keys log in, or allow it again",
    )
    .argument("<address>")
    .argument("<on|off>", "on or off", onOrOff)
    .action(async (address: string, only) => (await commands()).accountAppPasswordsOnly(config(), address, only));

  addAppPasswordCommands(account, config);
}

function addAppPasswordCommands(account: Command, config: ConfigFile): void {
  const group = account.command("app-password")
    .description("passwords for single devices and programs, made here and shown once")
    .helpCommand(false);
  const commands = () => import("../apppassword.ts");
  const now = () => Math.floor(Date.now() / 1000);

  group.command("add")
    .description("make an app password and print it: the only time that it is seen")
    .argument("<address>", "account")
    .argument("<name>", "of the device or program")
    .option("--scope <list>", "what it is for: imap, lmtp (default: imap)", several(parseScope))
    .option(
      "--network <cidr>",
      "use it only from there; may be given again (default: from anywhere)",
      several(parseNetwork),
    )
    .option(
      "--expires <time>",
      "90d, the end of 2027-01-31, or 2027-01-31T12:00:00Z (default: never)",
      checked((text) => parseExpiry(text, now())),
    )
    .action(async (address: string, name: string, options) =>
      (await commands()).appPasswordAdd(config(), address, name, options)
    );
  group.command("list")
    .description("list an account's app passwords: name, scopes, networks, made, expires, last used, from where")
    .argument("<address>", "account")
    .option("--json", "as a JSON array")
    .action(async (address: string, options) => (await commands()).appPasswordList(config(), address, options));
  group.command("remove")
    .description("refuse an app password from now on; sessions that used it go on")
    .argument("<address>", "account")
    .argument("<name>", "in any case")
    .action(async (address: string, name: string) => (await commands()).appPasswordRemove(config(), address, name));
}
