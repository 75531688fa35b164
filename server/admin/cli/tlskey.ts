/** `roost tlskey`. */
import type { Command } from "commander";
import type { ConfigFile } from "./arguments.ts";

export function addTlsKeyCommands(program: Command, config: ConfigFile): void {
  const group = program.command("tlskey")
    .description("keys that log in by themselves, as the TLS client certificates of mail programs")
    .helpCommand(false);
  const commands = () => import("../tlskey.ts");

  group.command("add")
    .description(
      "let a key log in; of a certificate only the public key counts, not who issued it nor how long it is valid",
    )
    .argument("<address>", "account")
    .argument("[file]", "certificate or public key, PEM or DER; - is standard input")
    .option(
      "--fingerprint <hex>",
      "instead of a file: SHA-256 of the public key (SubjectPublicKeyInfo, not certificate)",
    )
    .option("--name <text>", "to tell it from others", "")
    .option("--no-preauth", "do not log the connection in at once: the client says AUTHENTICATE EXTERNAL")
    .action(async (address: string, file: string | undefined, options) =>
      (await commands()).tlsKeyAdd(config(), address, file, options)
    );
  group.command("list")
    .description("list keys: fingerprint, account, name, preauth, made, last used, from where")
    .argument("[address]", "of this account only")
    .option("--json", "as a JSON array")
    .action(async (address: string | undefined, options) => (await commands()).tlsKeyList(config(), address, options));
  group.command("remove")
    .description("refuse a key from now on; sessions that used it go on")
    .argument("<fingerprint>", "its beginning is enough where no other begins so")
    .action(async (fingerprint: string) => (await commands()).tlsKeyRemove(config(), fingerprint));
  group.command("generate")
    .description(
      "make a key for an account and let it log in: key.pem, certificate.pem, and both in certificate.p12 for phones",
    )
    .argument("<address>", "account")
    .option("--out <directory>", "where to write the files; none of them may be there", ".")
    .option("--name <text>", "to tell it from others", "")
    .option("--no-preauth", "do not log the connection in at once: the client says AUTHENTICATE EXTERNAL")
    .action(async (address: string, options) => (await commands()).tlsKeyGenerate(config(), address, options));
}
