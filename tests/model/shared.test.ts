/**
 * Three accounts work at random on mailboxes of one of them and on their own: each has its own \Seen, all else is common. After each
 * command the client's view is held against a model. `ROOST_MODEL_STEPS` and `ROOST_MODEL_SEED` as in model.test.ts.
 */
import assert from "node:assert/strict";
import { mail, TestServer } from "../support/protocol.ts";
import { canonical, type Mode, ModelClient } from "./client.ts";
import { ModelMailbox } from "./mailboxes.ts";
import { Random } from "./random.ts";

const MODES: readonly Mode[] = ["plain", "rev2", "condstore", "qresync"];
const PEOPLE = ["alice@example.org", "bob@example.org", "carol@example.org"] as const;
const OWNER = PEOPLE[0];
const FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "$Forwarded", "$work"];
const ENTRIES = ["/private/comment", "/shared/comment", "/private/vendor/roost/a"];
const STEPS = Number(Deno.env.get("ROOST_MODEL_STEPS") ?? 300);
const seeds = Deno.env.has("ROOST_MODEL_SEED") ? [Number(Deno.env.get("ROOST_MODEL_SEED"))] : [1, 2, 3];

interface Message {
  readonly uid: number;
  readonly subject: string;
  /** Without \Seen. */
  readonly flags: Set<string>;
  readonly seen: Set<string>;
}

class Mailbox {
  messages: Message[] = [];
  uidNext = 1;
  readonly annotations = new Map<string, string>();

  constructor(readonly owner: string, readonly name: string) {}

  shownTo(person: string): string {
    return person === this.owner ? this.name : `Shared/${this.owner}/${this.name}`;
  }

  add(subject: string, flags: Iterable<string>, seen: Iterable<string>): void {
    this.messages.push({ uid: this.uidNext++, subject, flags: new Set(flags), seen: new Set(seen) });
  }

  /** As one person sees it. */
  view(person: string): ModelMailbox {
    const view = new ModelMailbox();
    view.uidNext = this.uidNext;
    view.messages = this.messages.map(({ uid, subject, flags, seen }) => ({
      uid,
      subject,
      flags: new Set(seen.has(person) ? ["\\seen", ...flags] : flags),
    }));
    return view;
  }

  key(person: string, entry: string): string {
    return entry.startsWith("/private/") ? `${person} ${entry}` : entry;
  }
}

interface Player {
  readonly person: string;
  readonly client: ModelClient;
  mailbox: Mailbox | undefined;
}

class Run {
  readonly random: Random;
  readonly mailboxes: readonly Mailbox[];
  #subjects = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.mailboxes = [
      new Mailbox(OWNER, "Box"),
      new Mailbox(OWNER, "Other"),
      ...PEOPLE.map((p) => new Mailbox(p, "Archive")),
    ];
  }

  /** Those that a person can use. */
  #of(person: string): Mailbox[] {
    return this.mailboxes.filter(({ owner, name }) => owner === person || name !== "Archive");
  }

  async step(player: Player): Promise<void> {
    const { client, person, mailbox } = player;
    const kind = this.random.below(100);
    if (!mailbox || kind < 6) await this.#select(player);
    else if (kind < 14) await this.#append(player);
    else if (kind < 22) await this.#annotate(player);
    else if (client.view.some(({ uid, flags }) => !uid || flags === undefined)) await this.#fetchAll(player, mailbox);
    else if (kind < 50) await this.#store(player, mailbox);
    else if (kind < 58) await this.#read(player, mailbox);
    else if (kind < 72) await this.#copy(player, mailbox, kind < 65 ? "COPY" : "MOVE");
    else if (kind < 80) await this.#expunge(player, mailbox);
    else if (kind < 88) await this.#search(player, mailbox);
    else {
      await client.run("NOOP");
      client.check(mailbox.view(person));
      await client.run("NOOP");
      assert.deepEqual(client.lines, [], `${client.name}: told again`);
    }
  }

  async #select(player: Player): Promise<void> {
    const { client, person } = player;
    if (player.mailbox) await client.run("NOOP");
    player.mailbox = this.random.pick(this.#of(person));
    await client.select(player.mailbox.shownTo(person), false);
    client.check(player.mailbox.view(person));
  }

  async #fetchAll({ client, person }: Player, mailbox: Mailbox): Promise<void> {
    await client.run("UID FETCH 1:* (FLAGS)");
    client.check(mailbox.view(person));
  }

  async #append({ client, person, mailbox }: Player): Promise<void> {
    const to = this.random.pick(this.#of(person));
    const flags = this.random.some(FLAGS).slice(0, 2).map((flag) => flag.toLowerCase());
    const subject = `s${++this.#subjects}`;
    const text = mail(subject);
    to.add(subject, flags.filter((flag) => flag !== "\\seen"), flags.includes("\\seen") ? [person] : []);
    const tagged = await client.run(
      `APPEND ${to.shownTo(person)} (${flags.join(" ")}) {${text.length}+}\r\n${text}`,
    );
    assert.match(tagged, / OK /);
    if (mailbox) client.check(mailbox.view(person));
  }

  async #annotate({ client, person }: Player): Promise<void> {
    const of = this.random.pick(this.#of(person));
    const entry = this.random.pick(ENTRIES);
    const key = of.key(person, entry);
    if (this.random.chance(0.5)) {
      const value = this.random.chance(0.3) ? undefined : `v${this.random.below(1000)}`;
      const tagged = await client.run(`SETMETADATA ${of.shownTo(person)} (${entry} ${value ? `"${value}"` : "NIL"})`);
      assert.match(tagged, / OK /);
      if (value) of.annotations.set(key, value);
      else of.annotations.delete(key);
    }
    await client.run(`GETMETADATA ${of.shownTo(person)} ${entry}`);
    const value = of.annotations.get(key);
    const line = client.lines.find((text) => text.startsWith("* METADATA"));
    assert.equal(line, `* METADATA ${of.shownTo(person)} (${entry} ${value ? `"${value}"` : "NIL"})`);
  }

  /** Messages that the client knows. */
  #choose({ client }: Player): number[] {
    return this.random.some(client.view.map(({ uid }) => uid ?? 0)).slice(0, 5);
  }

  async #store(player: Player, mailbox: Mailbox): Promise<void> {
    const { client, person } = player;
    const uids = this.#choose(player);
    if (uids.length === 0) return;
    const sign = this.random.pick(["+", "-", ""]);
    const flags = this.random.some(FLAGS).slice(0, 2).map((flag) => flag.toLowerCase());
    const tagged = await client.run(`UID STORE ${uids} ${sign}FLAGS (${flags.join(" ")})`);
    assert.match(tagged, / OK /);
    for (const { flags: kept, seen } of mailbox.messages.filter(({ uid }) => uids.includes(uid))) {
      if (sign === "") kept.clear(), seen.delete(person);
      for (const flag of flags) {
        const [set, value] = flag === "\\seen" ? [seen, person] : [kept, flag];
        if (sign === "-") set.delete(value);
        else set.add(value);
      }
    }
    client.check(mailbox.view(person));
  }

  async #read(player: Player, mailbox: Mailbox): Promise<void> {
    const { client, person } = player;
    const uids = this.#choose(player);
    if (uids.length === 0) return;
    await client.run(`UID FETCH ${uids} BODY[HEADER.FIELDS (SUBJECT)]`);
    for (const message of mailbox.messages) if (uids.includes(message.uid)) message.seen.add(person);
    await this.#fetchAll(player, mailbox);
  }

  async #copy(player: Player, from: Mailbox, command: "COPY" | "MOVE"): Promise<void> {
    const { client, person } = player;
    const uids = this.#choose(player);
    if (uids.length === 0) return;
    const to = this.random.pick(this.#of(person));
    const tagged = await client.run(`UID ${command} ${uids} ${to.shownTo(person)}`);
    assert.match(tagged, / OK /);
    const sources = from.messages.filter(({ uid }) => uids.includes(uid));
    if (command === "MOVE") from.messages = from.messages.filter(({ uid }) => !uids.includes(uid));
    for (const { subject, flags, seen } of sources) {
      // The owner's \Seen stays with the message as long as it stays with the owner.
      const keep = (who: string) =>
        seen.has(who) && (who === person || (who === from.owner && from.owner === to.owner));
      to.add(subject, flags, PEOPLE.filter(keep));
    }
    client.check(from.view(person));
  }

  async #expunge({ client, person }: Player, mailbox: Mailbox): Promise<void> {
    assert.match(await client.run("EXPUNGE"), / OK /);
    mailbox.messages = mailbox.messages.filter(({ flags }) => !flags.has("\\deleted"));
    client.check(mailbox.view(person));
  }

  async #search({ client, person }: Player, mailbox: Mailbox): Promise<void> {
    const seen = this.random.chance(0.5);
    await client.run(`UID SEARCH RETURN (COUNT) ${seen ? "SEEN" : "UNSEEN"}`);
    const count = /COUNT (\d+)/.exec(client.lines.find((line) => line.startsWith("* ESEARCH")) ?? "")?.[1];
    const matching = mailbox.messages.filter((message) => message.seen.has(person) === seen);
    assert.equal(Number(count), matching.length, `${client.name}: SEARCH`);
    client.check(mailbox.view(person));
  }

  /** At the end the store says to each what the model says. */
  async finish(players: readonly Player[]): Promise<void> {
    for (const { client, person } of players) {
      for (const mailbox of this.#of(person)) {
        const { messages } = mailbox.view(person);
        const name = mailbox.shownTo(person);
        const unseen = messages.filter(({ flags }) => !flags.has("\\seen")).length;
        await client.run(`STATUS ${name} (MESSAGES UNSEEN UIDNEXT)`);
        const status = client.lines.find((line) => line.startsWith("* STATUS"));
        assert.equal(
          status,
          `* STATUS ${name} (MESSAGES ${messages.length} UNSEEN ${unseen} UIDNEXT ${mailbox.uidNext})`,
        );
        await client.select(name, true);
        await client.run("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        const subjects = client.lines.filter((line) => line.startsWith("Subject: ")).map((line) => line.slice(9));
        assert.deepEqual(subjects, messages.map(({ subject }) => subject), `subjects in ${name}`);
        client.check(mailbox.view(person));
        assert.deepEqual(
          client.view.map(({ flags }) => flags),
          messages.map(({ flags }) => canonical([...flags].join(" "))),
        );
      }
    }
  }
}

for (const seed of seeds) {
  Deno.test(`three accounts on shared mailboxes agree with a model, seed ${seed}`, async () => {
    const server = await TestServer.start();
    try {
      const run = new Run(seed);
      const players: Player[] = [];
      for (const person of PEOPLE) {
        for (const mode of MODES) {
          const client = new ModelClient(await server.login({ address: person }), mode, `${person} ${mode}`);
          await client.start();
          players.push({ person, client, mailbox: undefined });
        }
      }
      for (const name of ["Box", "Other"]) {
        await players[0].client.run(`CREATE ${name}`);
        for (const person of PEOPLE.slice(1)) await players[0].client.run(`SETACL ${name} ${person} lrswipte`);
      }
      for (let step = 0; step < STEPS; step++) await run.step(run.random.pick(players));
      for (const { client, person, mailbox } of players) {
        if (!mailbox) continue;
        await client.run("NOOP");
        client.check(mailbox.view(person));
      }
      await run.finish(players);
    } finally {
      await server.stop();
    }
  });
}
