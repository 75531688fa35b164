/** `roost tlskey`: public keys that log in by themselves. Works beside a running server. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { generateAppPassword } from "../../auth/apppasswords.ts";
import { reason } from "../reason.ts";
import type { ClientKey } from "../../store/store.ts";
import { findAccount, withStore } from "./data.ts";
import { AdminError } from "./errors.ts";
import { type Column, print, printTable, timeOrNull, timeText } from "./table.ts";

export interface KeyOptions {
  readonly name: string;
  readonly preauth: boolean;
}

/** Fewest digits that `remove` takes for a beginning. */
const SHORTEST = 8;

export async function tlsKeyAdd(
  config: string | undefined,
  address: string,
  file: string | undefined,
  { fingerprint, name, preauth }: KeyOptions & { fingerprint?: string },
): Promise<void> {
  if ((file === undefined) === (fingerprint === undefined)) {
    throw new AdminError("which key? Give a file or --fingerprint", 2);
  }
  const { fingerprintOf, parseFingerprint } = await import("./publickey.ts");
  const key = fingerprint !== undefined
    ? parseFingerprint(fingerprint)
    : fingerprintOf(await contents(file ?? "-"), file ?? "-");
  await register(config, address, { fingerprint: key, name: checkedName(name), preauth });
}

async function contents(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await new Response(Deno.stdin.readable).bytes() : await Deno.readFile(file);
  } catch (error) {
    throw new AdminError(`${file} cannot be read: ${reason(error)}`);
  }
}

async function register(
  config: string | undefined,
  address: string,
  key: { fingerprint: string } & KeyOptions,
): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    await store.directory.addClientKey({ account: account.id, ...key });
  });
}

/** @throws {AdminError} */
function checkedName(name: string): string {
  if (name.length > 100 || /[\p{C}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new AdminError("the name of a key is one line of text, up to 100 characters", 2);
  }
  return name.normalize("NFC");
}

interface Listed extends ClientKey {
  readonly address: string;
}

const COLUMNS: readonly Column<Listed>[] = [
  { title: "FINGERPRINT", value: ({ fingerprint }) => fingerprint },
  { title: "ACCOUNT", value: ({ address }) => address },
  { title: "NAME", value: ({ name }) => name === "" ? "-" : name },
  { title: "PREAUTH", value: ({ preauth }) => preauth ? "yes" : "no" },
  { title: "MADE", value: ({ created }) => timeText(created) },
  { title: "LAST USED", value: ({ lastUsed }) => lastUsed === null ? "never" : timeText(lastUsed) },
  { title: "FROM", value: ({ lastRemote }) => lastRemote ?? "" },
];

export async function tlsKeyList(
  config: string | undefined,
  address: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  await withStore(config, async (store) => {
    const only = address === undefined ? undefined : await findAccount(store, address);
    const accounts = new Map((only ? [only] : await store.directory.list()).map(({ id, address }) => [id, address]));
    const keys = (await store.directory.clientKeys(only?.id))
      .map((key): Listed => ({ ...key, address: accounts.get(key.account) ?? "" }))
      .sort((a, b) => a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
    await printTable(keys, COLUMNS, { json: json ? asJson : undefined });
  });
}

function asJson({ fingerprint, address, name, preauth, created, lastUsed, lastRemote }: Listed): object {
  const times = { created: timeText(created), lastUsed: timeOrNull(lastUsed) };
  return { fingerprint, account: address, name, preauth, ...times, lastRemote };
}

export async function tlsKeyRemove(config: string | undefined, given: string): Promise<void> {
  const start = given.replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(start) || start.length < SHORTEST) {
    throw new AdminError(`a fingerprint is hexadecimal digits, at least the first ${SHORTEST}`, 2);
  }
  await withStore(config, async ({ directory }) => {
    const meant = (await directory.clientKeys()).filter(({ fingerprint }) => fingerprint.startsWith(start));
    if (meant.length === 0) throw new AdminError(`there is no key ${start}`);
    if (meant.length > 1) throw new AdminError(`${meant.length} keys begin with ${start}; give more of it`);
    await directory.removeClientKey(meant[0].fingerprint);
  });
}

/** Registers the key only when its files are written; leaves none when it cannot be registered. */
export async function tlsKeyGenerate(
  config: string | undefined,
  address: string,
  { out, name, preauth }: KeyOptions & { out: string },
): Promise<void> {
  const { makeClientCertificate } = await import("./clientcertificate.ts");
  const label = checkedName(name);
  const account = await withStore(config, (store) => findAccount(store, address));
  const password = generateAppPassword();
  const { key, certificate, pkcs12, fingerprint } = await makeClientCertificate(account.address, password);
  const utf8 = new TextEncoder();
  const written: string[] = [];
  try {
    await mkdir(out, { recursive: true, mode: 0o700 });
    await writeNew(join(out, "key.pem"), utf8.encode(key), 0o600, written);
    await writeNew(join(out, "certificate.pem"), utf8.encode(certificate), 0o644, written);
    await writeNew(join(out, "certificate.p12"), pkcs12, 0o600, written);
    await register(config, address, { fingerprint, name: label, preauth });
  } catch (error) {
    for (const path of written) await Deno.remove(path);
    throw error;
  }
  console.error(`key ${fingerprint} of ${account.address}: ${written.join(", ")}`);
  console.error(`certificate.p12 is for phones and mail programs; its password, shown only now:`);
  await print(`${password}\n`);
}

/** @throws {AdminError} it is there already, or cannot be written */
async function writeNew(path: string, bytes: Uint8Array, mode: number, written: string[]): Promise<void> {
  try {
    await Deno.writeFile(path, bytes, { createNew: true, mode });
    written.push(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw new AdminError(`${path} is there already`);
    throw new AdminError(`${path} cannot be written: ${reason(error)}`);
  }
}
