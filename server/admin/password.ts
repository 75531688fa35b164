/** Passwords from the terminal, without echo, or from standard input. */
import { checkNewPassword } from "../../auth/passwords.ts";
import { reason } from "../reason.ts";
import { AdminError } from "./errors.ts";

const END_OF_TEXT = 3;
const END_OF_TRANSMISSION = 4;
const BACKSPACE = 8;
const NEWLINE = 10;
const RETURN = 13;
const KILL_LINE = 21;
const DELETE = 127;

/** A new password for an account: all of standard input but its last newline, or asked for twice. @throws {AdminError} */
export async function newPassword({ passwordStdin }: { passwordStdin?: boolean }): Promise<string> {
  const password = passwordStdin ? await passwordFromStdin() : askTwice();
  return checked(password);
}

/** @throws {AdminError} for one that could not be used */
export function checked(password: string, place = ""): string {
  try {
    checkNewPassword(password);
    return password;
  } catch (error) {
    if (error instanceof RangeError) throw new AdminError(place + error.message);
    throw error;
  }
}

/** A password that is known elsewhere: from standard input, a file's first line, or asked for once. @throws {AdminError} */
export async function knownPassword(
  { passwordStdin, passwordFile }: { passwordStdin?: boolean; passwordFile?: string },
  question: string,
): Promise<string> {
  if (passwordStdin) return await passwordFromStdin();
  if (passwordFile !== undefined) return secretFile(passwordFile);
  if (!Deno.stdin.isTerminal()) {
    throw new AdminError("there is no terminal to ask for the password; use --password-stdin or --password-file", 2);
  }
  return ask(question);
}

/** The first line of a file that holds a secret. @throws {AdminError} */
export function secretFile(path: string): string {
  try {
    return Deno.readTextFileSync(path).split(/\r?\n/, 1)[0];
  } catch (error) {
    throw new AdminError(`${path}: ${reason(error)}`);
  }
}

async function passwordFromStdin(): Promise<string> {
  const text = await new Response(Deno.stdin.readable).bytes();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(text).replace(/\r?\n$/, "");
  } catch {
    throw new AdminError("the password is not UTF-8 text");
  }
}

function askTwice(): string {
  if (!Deno.stdin.isTerminal()) {
    throw new AdminError("there is no terminal to ask for the password; use --password-stdin", 2);
  }
  const password = ask("Password: ");
  if (ask("Again: ") !== password) throw new AdminError("the passwords differ");
  return password;
}

/** Reads a line without showing it. */
function ask(question: string): string {
  const encoder = new TextEncoder();
  Deno.stderr.writeSync(encoder.encode(question));
  const typed: number[] = [];
  const byte = new Uint8Array(1);
  Deno.stdin.setRaw(true);
  try {
    while (Deno.stdin.readSync(byte) !== null) {
      const [key] = byte;
      if (key === NEWLINE || key === RETURN) break;
      if (key === END_OF_TEXT || (key === END_OF_TRANSMISSION && typed.length === 0)) {
        throw new AdminError("given up", 130);
      }
      if (key === KILL_LINE) typed.length = 0;
      else if (key === BACKSPACE || key === DELETE) eraseCharacter(typed);
      else typed.push(key);
    }
  } finally {
    Deno.stdin.setRaw(false);
    Deno.stderr.writeSync(encoder.encode("\n"));
  }
  return new TextDecoder().decode(new Uint8Array(typed));
}

/** Takes the last character away, all its UTF-8 bytes. */
function eraseCharacter(typed: number[]): void {
  let last = typed.pop();
  while (last !== undefined && (last & 0xc0) === 0x80) last = typed.pop();
}
