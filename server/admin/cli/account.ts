/** `roost account`. */
import type { Command } from "commander";
import { parseExpiry, parseScope } from "../../../auth/apppasswords.ts";
import { parseNetwork } from "../../../auth/networks.ts";
import { checked, type ConfigFile, count, onOrOff, orDefault, several, size } from "./arguments.ts";

export function addAccountCommands(program: Command, config: ConfigFile): void {
  const account = program.command("account").description("manage accounts; works beside a running server")
    .helpCommand(false);
  const commands = () => import("../account.ts");
  const closing = () => import("../closing.ts");

  account.command("add")
    .description("add an account; asks for the password twice unless told where it comes from")
    .argument("[new-address]", "what its owner logs in with, usually the mail address")
    .option("--password-stdin", "read the password from standard input")
    .option("--batch <file>", "add many at once: lines of address<TAB>password; - is standard input")
    .option("--quota <size>", 'most bytes it may keep, as "10 GiB"; 0 is no limit; default: as configured', size)
    .action(async (address: string | undefined, options) => (await commands()).accountAdd(config(), address, options));
  account.command("list")
    .description(
      "list accounts: address, state, quota, what else is special, other addresses; separated by tabs where it is piped",
    )
    .option("--json", "as a JSON array")
    .action(async (options) => (await commands()).accountList(config(), options));
  account.command("remove")
    .description(
      "close an account: no logins, no mail, sessions end; it is gone with all its mail after `accounts.removeAfter`",
    )
    .argument("<address>", "account")
    .option("--now", "it is gone at once")
    .option("-y, --yes", "do not ask on a terminal")
    .action(async (address: string, options) => (await closing()).accountRemove(config(), address, options));
  account.command("restore")
    .description("bring back an account that was removed and is not gone yet")
    .argument("<address>", "account")
    .action(async (address: string) => (await closing()).accountRestore(config(), address));
  account.command("purge")
    .description("remove for good the accounts whose time is over, as the server does every hour")
    .action(async () => (await closing()).accountPurge(config()));
  account.command("passwd")
    .description("set a new password")
    .argument("<address>", "account")
    .option("--password-stdin", "read the password from standard input")
    .option("--end-sessions", "end its sessions on the running server")
    .action(async (address: string, options) => (await commands()).accountPasswd(config(), address, options));
  account.command("disable")
    .description("refuse its logins and end its sessions; mail is still delivered")
    .argument("<address>", "account")
    .option("--message <text>", "what its owner is told after the right password", "this account is disabled")
    .action(async (address: string, options) => (await closing()).accountDisable(config(), address, options));
  account.command("enable")
    .description("allow its logins again")
    .argument("<address>", "account")
    .action(async (address: string) => (await closing()).accountEnable(config(), address));
  account.command("quota")
    .description("set how much it may keep; `roost quota` tells what it keeps")
    .argument("<address>", "account")
    .argument("[size]", '"10 GiB"; 0 is no limit; "default" as configured', orDefault(size))
    .option("--messages <number>", "most messages; 0 is no limit; default as configured", orDefault(count))
    .action(async (address: string, bytes, options) =>
      (await import("../quota.ts")).accountQuota(config(), address, bytes, options)
    );
  account.command("withhold")
    .description(
      "do not offer these capabilities to its clients (some misuse what they are offered); none: offer all again",
    )
    .argument("<address>", "account")
    .argument("[capability...]", "as CAPABILITY tells it: UIDONLY, COMPRESS=DEFLATE")
    .action(async (address: string, capabilities: string[]) =>
      (await commands()).accountWithhold(config(), address, capabilities)
    );
  account.command("admin")
    .description("make it an administrator, who may set the quota of every account by IMAP, or take that back")
    .argument("<address>", "account")
    .argument("<on|off>", "on or off", onOrOff)
    .action(async (address: string, admin) => (await commands()).accountAdmin(config(), address, admin));
  account.command("app-passwords-only")
    .description(
      "refuse its main password to mail programs, so that only app passwords and keys log in, or allow it again",
    )
    .argument("<address>", "account")
    .argument("<on|off>", "on or off", onOrOff)
    .action(async (address: string, only) => (await commands()).accountAppPasswordsOnly(config(), address, only));

  addAddressCommands(account, config);
  addAppPasswordCommands(account, config);
  program.command("quota")
    .description("what accounts keep and may keep: bytes and messages, and how full that is")
    .argument("[address]", "this account only")
    .option("--json", "as a JSON array")
    .action(async (address: string | undefined, options) =>
      (await import("../quota.ts")).quota(config(), address, options)
    );
}

function addAddressCommands(account: Command, config: ConfigFile): void {
  const commands = () => import("../address.ts");
  account.command("rename")
    .description("give it another address to log in with; its password, mail and what is shared with it stay")
    .argument("<address>", "account")
    .argument("<new-address>")
    .option("--keep", "it keeps the old one as well")
    .action(async (address: string, to: string, options) =>
      (await commands()).accountRename(config(), address, to, options)
    );

  const group = account.command("address").description("further addresses of an account").helpCommand(false);
  group.command("add")
    .description("deliver mail to another address, too, which also logs in")
    .argument("<address>", "account")
    .argument("<alias>", "another address, or @example.org for all of that domain that nobody has")
    .action(async (address: string, alias: string) => (await commands()).addressAdd(config(), address, alias));
  group.command("list")
    .description("list an account's addresses: its own first")
    .argument("<address>", "account")
    .option("--json", "as a JSON array")
    .action(async (address: string, options) => (await commands()).addressList(config(), address, options));
  group.command("remove")
    .description("give up an address; what was shared with it stays shared with the account")
    .argument("<address>", "account")
    .argument("<alias>")
    .action(async (address: string, alias: string) => (await commands()).addressRemove(config(), address, alias));
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
