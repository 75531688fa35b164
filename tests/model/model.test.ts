/**
 * Several clients of every kind work at random on one account; after each command the account and the client's view are held
 * against a simple model. `ROOST_MODEL_STEPS` and `ROOST_MODEL_SEED` make a run longer or play one again.
 */
import assert from "node:assert/strict";
import { mail, TestServer } from "../support/protocol.ts";
import { canonical, type Mode, ModelClient } from "./client.ts";
import { type Model, ModelMailbox } from "./mailboxes.ts";
import { Random } from "./random.ts";

const MODES: readonly Mode[] = ["plain", "rev2", "condstore", "qresync", "uidonly", "notify"];
const FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "$Forwarded", "$Work", "$later"];
const NAMES = ["INBOX", "Archive", "Other"];
const STEPS = Number(Deno.env.get("ROOST_MODEL_STEPS") ?? 350);
const seeds = Deno.env.has("ROOST_MODEL_SEED") ? [Number(Deno.env.get("ROOST_MODEL_SEED"))] : [1, 2, 3, 4, 5, 6];

class Run {
  readonly random: Random;
  readonly model: Model = new Map(NAMES.map((name) => [name, new ModelMailbox()]));
  #subjects = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  mailbox(name: string): ModelMailbox {
    const mailbox = this.model.get(name);
    assert(mailbox);
    return mailbox;
  }

  async step(client: ModelClient): Promise<void> {
    if (!client.selected) return await this.#unselected(client);
    const kind = this.random.below(100);
    if (kind < 8) await this.#append(client);
    else if (kind < 12) await this.#replace(client);
    else if (kind < 40) await this.#store(client);
    else if (kind < 48) await this.#expunge(client);
    else if (kind < 56) await this.#copy(client, "COPY");
    else if (kind < 64) await this.#copy(client, "MOVE");
    else if (kind < 74) await this.#fetch(client);
    else if (kind < 82) await this.#search(client);
    else if (kind < 94) await this.#noop(client);
    else await this.#leave(client);
  }

  async #unselected(client: ModelClient): Promise<void> {
    if (this.random.chance(0.25)) return await this.#append(client);
    const name = this.random.pick(NAMES);
    await client.select(name, this.random.chance(0.1));
    client.check(this.mailbox(name));
    // Most clients then want to know the messages.
    if (this.random.chance(0.7) && client.view.length > 0) await this.#fetchAll(client);
  }

  async #append(client: ModelClient): Promise<void> {
    const name = this.random.pick(NAMES);
    const count = this.random.chance(0.2) ? 3 : 1;
    const mailbox = this.mailbox(name);
    let command = `APPEND ${name}`;
    const first = mailbox.uidNext;
    for (let n = 0; n < count; n++) {
      const subject = `s${++this.#subjects}`;
      const flags = this.random.some(FLAGS).slice(0, 2);
      const text = mail(subject);
      command += ` (${flags.join(" ")}) {${text.length}+}\r\n${text}`;
      mailbox.add(subject, flags.map((flag) => flag.toLowerCase()));
    }
    const tagged = await client.run(command);
    const uids = count === 1 ? `${first}` : `${first}:${first + count - 1}`;
    assert.match(tagged, new RegExp(`OK \\[APPENDUID \\d+ ${uids}\\]`));
    this.#checked(client);
  }

  /** RFC 8508: one message of the selected mailbox goes, another comes, maybe elsewhere. */
  async #replace(client: ModelClient): Promise<void> {
    const known = client.view.map((message, at) => ({ number: at + 1, uid: message.uid ?? 0 })).filter(({ uid }) =>
      uid
    );
    if (known.length === 0) return await this.#fetchAll(client);
    const { number, uid } = this.random.pick(known);
    const byUid = this.random.chance(0.5) || client.mode === "uidonly";
    const name = this.random.pick(NAMES);
    const subject = `s${++this.#subjects}`;
    const flags = this.random.some(FLAGS).slice(0, 2);
    const text = mail(subject);
    const command = byUid ? `UID REPLACE ${uid}` : `REPLACE ${number}`;
    const tagged = await client.run(`${command} ${name} (${flags.join(" ")}) {${text.length}+}\r\n${text}`);
    const from = this.mailbox(client.selected ?? "");
    // Refused before the message was let in: nothing is told with that.
    if (client.readOnly) return assert.match(tagged, /NO \[READ-ONLY\]/);
    if (!from.find(uid)) assert.match(tagged, /NO \[EXPUNGEISSUED\]/);
    else {
      assert.match(tagged, / OK /);
      // NOTIFY may have told something before.
      const made = client.lines.find((line) => line.includes("APPENDUID")) ?? "";
      assert.match(made, new RegExp(`APPENDUID \\d+ ${this.mailbox(name).uidNext}\\]`));
      from.remove(new Set([uid]));
      this.mailbox(name).add(subject, flags.map((flag) => flag.toLowerCase()));
    }
    this.#checked(client);
  }

  /** Some messages that the client knows, as a set of numbers or UIDs, and the UIDs meant. */
  #choose(client: ModelClient): { uid: boolean; set: string; uids: number[] } | undefined {
    const uid = this.random.chance(0.5) || client.mode === "uidonly";
    const candidates = client.view.map((known, at) => ({ number: at + 1, uid: known.uid }));
    const known = candidates.filter((candidate) => candidate.uid !== undefined);
    if (known.length === 0) return undefined;
    // A NOTIFY client may have been told of more by the time it says `*` (RFC 5465 §5.2).
    const star = known.length === client.view.length && client.mode !== "notify";
    if (star && this.random.chance(0.1)) {
      return { uid, set: "1:*", uids: known.map((candidate) => candidate.uid ?? 0) };
    }
    const chosen = this.random.some(known).slice(0, 6);
    const set = chosen.map((candidate) => uid ? candidate.uid : candidate.number).join(",");
    return { uid, set, uids: chosen.map((candidate) => candidate.uid ?? 0) };
  }

  async #store(client: ModelClient): Promise<void> {
    const chosen = this.#choose(client);
    if (!chosen) return await this.#fetchAll(client);
    const { uid, set, uids } = chosen;
    const sign = this.random.pick(["+", "-", ""]);
    const flags = this.random.some(FLAGS).slice(0, 2);
    const silent = this.random.chance(0.3) ? ".SILENT" : "";
    const mailbox = this.mailbox(client.selected ?? "");
    const tagged = await client.run(
      `${uid ? "UID " : ""}STORE ${set} ${sign}FLAGS${silent} (${flags.join(" ")})`,
      !uid,
    );
    if (client.readOnly) return assert.match(tagged, /NO \[READ-ONLY\]/);
    // The others are changed nevertheless (RFC 2180 §4.2.3).
    const refused = !uid && silent === "" && this.#someGone(mailbox, uids);
    assert.match(tagged, refused ? /NO \[EXPUNGEISSUED\]/ : /OK/);
    const lower = flags.map((flag) => flag.toLowerCase());
    for (const message of mailbox.messages.filter((message) => uids.includes(message.uid))) {
      if (sign === "") message.flags.clear();
      for (const flag of lower) sign === "-" ? message.flags.delete(flag) : message.flags.add(flag);
      const known = client.view.find((candidate) => candidate.uid === message.uid);
      assert(known, `${client.name} lost ${message.uid}`);
      // Without an answer the client reckons itself.
      if (silent) known.flags = canonical([...message.flags].join(" "));
      else {assert.equal(
          known.flags,
          canonical([...message.flags].join(" ")),
          `${client.name}: answer for ${message.uid}`,
        );}
    }
    if (uid) this.#checked(client);
  }

  async #expunge(client: ModelClient): Promise<void> {
    const mailbox = this.mailbox(client.selected ?? "");
    const chosen = this.random.chance(0.5) ? this.#choose(client) : undefined;
    const tagged = await client.run(chosen?.uid ? `UID EXPUNGE ${chosen.set}` : "EXPUNGE");
    if (client.readOnly) return assert.match(tagged, /NO \[READ-ONLY\]/);
    mailbox.expunge(chosen?.uid ? new Set(chosen.uids) : undefined);
    this.#checked(client);
  }

  async #copy(client: ModelClient, command: "COPY" | "MOVE"): Promise<void> {
    const chosen = this.#choose(client);
    if (!chosen) return await this.#fetchAll(client);
    const from = this.mailbox(client.selected ?? "");
    const name = this.random.pick(NAMES);
    const tagged = await client.run(`${chosen.uid ? "UID " : ""}${command} ${chosen.set} ${name}`);
    if (client.readOnly && command === "MOVE") return assert.match(tagged, /NO \[READ-ONLY\]/);
    if (!chosen.uid && this.#someGone(from, chosen.uids)) {
      assert.match(tagged, /NO \[EXPUNGEISSUED\]/); // and nothing is copied (RFC 2180 §4.4.1)
      return this.#checked(client);
    }
    assert.match(tagged, /OK/);
    const sources = from.messages.filter(({ uid }) => chosen.uids.includes(uid));
    if (command === "MOVE") from.remove(new Set(sources.map(({ uid }) => uid)));
    for (const { subject, flags } of sources) this.mailbox(name).add(subject, flags);
    this.#checked(client);
  }

  #someGone(mailbox: ModelMailbox, uids: readonly number[]): boolean {
    return uids.some((uid) => !mailbox.find(uid));
  }

  async #fetch(client: ModelClient): Promise<void> {
    const chosen = this.#choose(client);
    if (!chosen || this.random.chance(0.3)) return await this.#fetchAll(client);
    const { uid, set, uids } = chosen;
    await client.run(`${uid ? "UID " : ""}FETCH ${set} (UID FLAGS)`, !uid);
    const answered = client.lines.filter((line) => / (UID)?FETCH /.test(line)).length;
    const mailbox = this.mailbox(client.selected ?? "");
    const there = uids.filter((wanted) => mailbox.find(wanted)).length;
    assert(answered >= there, `${client.name}: ${answered} answers for ${there} messages`);
    if (uid) this.#checked(client);
  }

  async #fetchAll(client: ModelClient): Promise<void> {
    if (client.view.length === 0) return await this.#noop(client);
    await client.run("UID FETCH 1:* (FLAGS)");
    this.#checked(client);
    assert(client.view.every(({ uid, flags }) => uid && flags !== undefined), `${client.name}: FETCH left some out`);
  }

  async #search(client: ModelClient): Promise<void> {
    const mailbox = this.mailbox(client.selected ?? "");
    const flag = this.random.pick(["SEEN", "FLAGGED", "DELETED", "UNSEEN", "KEYWORD $Work"]);
    const matches = (flags: ReadonlySet<string>) =>
      flag === "UNSEEN"
        ? !flags.has("\\seen")
        : flags.has(flag.startsWith("KEYWORD") ? "$work" : `\\${flag.toLowerCase()}`);
    const form = this.random.pick([
      "UID SEARCH",
      "UID SORT (SIZE) UTF-8",
      "UID SORT RETURN () (SUBJECT) UTF-8",
      "ESEARCH",
    ]);
    await client.run(`${form} ${flag}`);
    const line = client.lines.find((text) => /^\* (E?SEARCH|SORT)/.test(text)) ?? "";
    const found = line.startsWith("* ESEARCH") ? ranges(/ALL (\S+)/.exec(line)?.[1]) : words(line);
    if (form.includes("SORT")) found.sort((a, b) => a - b);
    const expected = mailbox.messages.filter(({ flags }) => matches(flags)).map(({ uid }) => uid);
    assert.deepEqual(found, expected, `${client.name}: ${form} ${flag}`);
    this.#checked(client);
  }

  async #noop(client: ModelClient): Promise<void> {
    await client.run("NOOP");
    this.#checked(client);
    await client.run("NOOP");
    assert.deepEqual(client.lines, [], `${client.name}: told again`);
  }

  async #leave(client: ModelClient): Promise<void> {
    const mailbox = this.mailbox(client.selected ?? "");
    const close = this.random.chance(0.3);
    // What is due is told before, so that a QRESYNC client remembers a state that it has really seen.
    await client.run("NOOP");
    this.#checked(client);
    await client.run(close ? "CLOSE" : "UNSELECT");
    if (close && !client.readOnly) mailbox.expunge();
    client.left();
  }

  #checked(client: ModelClient): void {
    if (client.selected) client.check(this.mailbox(client.selected));
  }

  /** At the end the store says what the model says. */
  async finish(clients: readonly ModelClient[]): Promise<void> {
    for (const [name, { messages, uidNext }] of this.model) {
      const unseen = messages.filter(({ flags }) => !flags.has("\\seen")).length;
      const deleted = messages.filter(({ flags }) => flags.has("\\deleted")).length;
      await clients[0].run(`STATUS ${name} (MESSAGES UIDNEXT UNSEEN DELETED)`);
      const status = clients[0].lines.find((line) => line.startsWith("* STATUS"));
      const items = `MESSAGES ${messages.length} UIDNEXT ${uidNext} UNSEEN ${unseen} DELETED ${deleted}`;
      assert.equal(status, `* STATUS ${name} (${items})`);
      const reader = clients[1];
      await reader.select(name, true);
      await reader.run("UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]");
      const subjects = reader.lines.filter((line) => line.startsWith("Subject: ")).map((line) => line.slice(9));
      assert.deepEqual(subjects, messages.map(({ subject }) => subject), `subjects in ${name}`);
    }
  }
}

function words(line: string): number[] {
  return line.split(" ").slice(2).filter((word) => /^\d+$/.test(word)).map(Number);
}

function ranges(set: string | undefined): number[] {
  if (!set) return [];
  return set.split(",").flatMap((range) => {
    const [first, last = first] = range.split(":").map(Number);
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });
}

for (const seed of seeds) {
  Deno.test(`random commands of many clients agree with a model, seed ${seed}`, async () => {
    const server = await TestServer.start();
    try {
      const run = new Run(seed);
      const clients: ModelClient[] = [];
      for (const [at, mode] of [...MODES, ...MODES].entries()) {
        const client = new ModelClient(await server.login(), mode, `client ${at}`);
        await client.start();
        clients.push(client);
      }
      await clients[0].run("CREATE Other");
      for (let step = 0; step < STEPS; step++) await run.step(run.random.pick(clients));
      for (const client of clients) {
        if (!client.selected) continue;
        await client.run("NOOP");
        client.check(run.mailbox(client.selected));
      }
      await run.finish(clients);
    } finally {
      await server.stop();
    }
  });
}
