/** Mailboxes with messages of the corpus: APPEND in its forms, and those that several scenarios share. */
import { Buffer } from "node:buffer";
import { equal } from "./check.ts";
import { ANY, internalDate, LIGHT, type Message, messages, type Profile } from "./corpus.ts";
import { type Answer, type ImapClient, mustBeOk } from "./imapclient.ts";
import type { Run } from "./run.ts";

const CRLF = Buffer.from("\r\n");
/** Messages in one MULTIAPPEND. */
const BATCH = 100;

function head(mailbox: string, { flags, date, size }: Message, literal: string): string {
  return `APPEND "${mailbox}" (${flags.join(" ")}) "${internalDate(date)}" {${size}${literal}}\r\n`;
}

/** One message after another, each literal when the server asks for it. */
export async function appendSynchronising(
  client: ImapClient,
  mailbox: string,
  all: Iterable<Message>,
): Promise<void> {
  for (const message of all) {
    const asked = client.continuation();
    const answer = client.commandOf([Buffer.from(head(mailbox, message, ""))]);
    await Promise.race([asked, answer.then((early) => mustBeOk(early, "APPEND"))]);
    client.write(message.bytes, CRLF);
    mustBeOk(await answer, "APPEND");
  }
}

/** LITERAL+ (RFC 7888), `width` commands on their way. */
export async function appendAhead(
  client: ImapClient,
  mailbox: string,
  all: Iterable<Message>,
  width = 32,
): Promise<void> {
  const answers: Promise<Answer>[] = [];
  for (const message of all) {
    answers.push(client.commandOf([Buffer.from(head(mailbox, message, "+")), message.bytes, CRLF]));
    if (answers.length >= width) mustBeOk(await answers.splice(0, 1)[0], "APPEND");
  }
  for (const answer of await Promise.all(answers)) mustBeOk(answer, "APPEND");
}

/** MULTIAPPEND (RFC 3502) of many messages a command. */
export async function appendMany(client: ImapClient, mailbox: string, all: Iterable<Message>): Promise<void> {
  let parts: Buffer[] = [];
  const send = async () => {
    if (parts.length > 0) mustBeOk(await client.commandOf([...parts, CRLF]), "APPEND");
    parts = [];
  };
  for (const message of all) {
    const text = head(mailbox, message, "+");
    parts.push(Buffer.from(parts.length === 0 ? text : text.slice(text.indexOf(" ("))), message.bytes);
    if (parts.length === 2 * BATCH) await send();
  }
  await send();
}

export async function messagesIn(client: ImapClient, mailbox: string): Promise<number> {
  const { untagged } = await client.ok(`STATUS "${mailbox}" (MESSAGES)`);
  return Number(/MESSAGES (\d+)/.exec(untagged.join("\n"))?.[1]);
}

let made = 0;

/**
 * A new mailbox. It stays until the server's folder is removed: after many files were deleted, ext4 makes new ones far more slowly for
 * minutes, which would be what is measured next.
 */
export async function newMailbox(client: ImapClient): Promise<string> {
  const mailbox = `bench-${Date.now().toString(36)}-${made++}`;
  await client.ok(`CREATE "${mailbox}"`);
  return mailbox;
}

/** The mailbox of a name in the first account, with the first `count` messages of a profile; made where it is not there. */
export async function prepare(run: Run, mailbox: string, profile: Profile, count: number): Promise<void> {
  const client = await run.login();
  const { status } = await client.command(`CREATE "${mailbox}"`);
  if (status === "OK") await appendMany(client, mailbox, messages(profile, 0, count));
  equal(await messagesIn(client, mailbox), count, `messages in ${mailbox}`);
  await run.logout(client);
  if (status === "OK") await run.rest();
}

export const LARGE = "bench-large";
export const MIDDLE = "bench-middle";
export const STORED = "bench-stored";

/** `scale.large` messages of the profile LIGHT. */
export function prepareLarge(run: Run): Promise<void> {
  return prepare(run, LARGE, LIGHT, run.scale.large);
}

/** `scale.middle` messages of the profile ANY. */
export function prepareMiddle(run: Run): Promise<void> {
  return prepare(run, MIDDLE, ANY, run.scale.middle);
}

/** `scale.stored` messages of the profile LIGHT; what is done to them is undone. */
export function prepareStored(run: Run): Promise<void> {
  return prepare(run, STORED, LIGHT, run.scale.stored);
}

/** @throws {WrongAnswer} when it has another number of messages */
export async function select(client: ImapClient, mailbox: string, count: number, parameters = ""): Promise<Answer> {
  const answer = await client.ok(`SELECT "${mailbox}"${parameters}`);
  equal(client.exists, count, `EXISTS of ${mailbox}`);
  return answer;
}
