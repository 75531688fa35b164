import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ImapFlow } from "imapflow";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, attachment, mail } from "./support/mail.ts";
import { characters, withTimeout } from "./support/observer.ts";
import { withImapFlow } from "./support/imapflow.ts";

const test = clientSuite({ name: "imapflow", programs: [], packages: "npm:imapflow" });
const uid = { uid: true };
const content = (text: string) => Buffer.from(text, "latin1");

/** The next event of this name. */
function next<T>(client: ImapFlow, event: string): Promise<T> {
  const heard = new Promise<T>((resolve) => client.once(event, resolve));
  return withTimeout(heard, 10_000, `no ${event} event within 10 s`);
}

async function fill(scene: Scene): Promise<void> {
  for (const [, text] of assorted) await scene.observer.append("INBOX", text);
}

test("connects in clear and over TLS, rev1 and rev2, with and without compression", async (scene) => {
  await fill(scene);
  for (const secure of [false, true]) {
    for (const disableCompression of [false, true]) {
      for (const disableIMAP4rev2 of [false, true]) {
        await withImapFlow(scene, { secure, disableCompression, disableIMAP4rev2 }, async (client) => {
          assert.equal(client.secureConnection, secure);
          if (!scene.server.foreign) {
            assert.equal(client.enabled.has("IMAP4REV2"), !disableIMAP4rev2);
            const compressed = (client as unknown as { _inflate: unknown })._inflate;
            assert.equal(Boolean(compressed), !disableCompression);
          }
          const mailbox = await client.mailboxOpen("INBOX");
          assert.equal(mailbox.exists, assorted.length);
          const message = await client.fetchOne("4", { source: true });
          assert.ok(message !== false && characters(message.source!) === attachment);
        });
      }
    }
  }
});

test("is refused with a wrong password", async (scene) => {
  const wrong = { auth: { user: scene.address, pass: "wrong" } };
  await assert.rejects(
    withImapFlow(scene, wrong, async () => {}),
    (error: { authenticationFailed?: boolean }) => error.authenticationFailed === true,
  );
});

test("lists, makes, renames, subscribes and deletes mailboxes", async (scene) => {
  await withImapFlow(scene, {}, async (client) => {
    const special = (await client.list()).filter(({ specialUseSource }) => specialUseSource === "extension");
    assert.deepEqual(
      special.map(({ path, specialUse }) => `${path} ${specialUse}`).sort(),
      ["Archive \\Archive", "Drafts \\Drafts", "Junk \\Junk", "Sent \\Sent", "Trash \\Trash"],
    );
    const made = await client.mailboxCreate(["Räume", "東京 & co"]);
    assert.deepEqual([made.path, made.created], ["Räume/東京 & co", true]);
    assert.equal((await client.mailboxCreate("Räume/東京 & co")).created, false);
    await client.append("Räume/東京 & co", content(mail("inside")), ["\\Seen"]);
    await client.mailboxRename("Räume/東京 & co", "Räume/Kyōto");
    await client.mailboxSubscribe("Räume/Kyōto");
    const listed = (await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } }))
      .find(({ path }) => path === "Räume/Kyōto")!;
    assert.deepEqual([listed.delimiter, listed.name, listed.parentPath], ["/", "Kyōto", "Räume"]);
    assert.ok(listed.subscribed);
    assert.deepEqual([listed.status!.messages, listed.status!.unseen, listed.status!.uidNext], [1, 0, 2]);
    await client.mailboxUnsubscribe("Räume/Kyōto");
    await client.mailboxDelete("Räume/Kyōto");
    assert.ok(!(await client.list()).some(({ path, listed }) => listed && path === "Räume/Kyōto"));
    await assert.rejects(client.mailboxOpen("Räume/Kyōto"));
  });
});

test("tells a mailbox's status", async (scene) => {
  await fill(scene);
  await scene.observer.store("INBOX", 1, "+FLAGS (\\Seen)");
  await withImapFlow(scene, {}, async (client) => {
    const query = { messages: true, uidNext: true, uidValidity: true, unseen: true, highestModseq: true, size: true };
    const status = await client.status("INBOX", query);
    assert.deepEqual([status.messages, status.unseen, status.uidNext], [4, 3, 5]);
    assert.ok(status.uidValidity! > 0n && status.highestModseq! > 0n);
    assert.equal(
      Number((status as unknown as { size: number }).size),
      assorted.reduce((sum, [, text]) => sum + text.length, 0),
    );
  });
});

test("appends and fetches everything there is to a message", async (scene) => {
  await withImapFlow(scene, {}, async (client) => {
    await client.mailboxOpen("INBOX");
    const date = new Date("2022-02-08T09:10:11Z");
    const appended = await client.append("INBOX", content(attachment), ["\\Flagged", "$Forwarded"], date);
    assert.ok(appended !== false && appended.uid === 1);
    const message = await client.fetchOne("1", {
      uid: true,
      flags: true,
      bodyStructure: true,
      envelope: true,
      internalDate: true,
      size: true,
      source: true,
      threadId: true,
      headers: ["Subject", "References"],
      bodyParts: ["1", "2.mime", "text"],
    }, uid);
    assert.ok(message !== false);
    assert.equal(characters(message.source!), attachment);
    assert.deepEqual([message.uid, message.size, message.seq], [1, attachment.length, 1]);
    assert.deepEqual([...message.flags!].filter((flag) => flag !== "\\Recent").sort(), ["$Forwarded", "\\Flagged"]);
    assert.equal(new Date(message.internalDate!).getTime(), date.getTime());
    assert.deepEqual(
      [message.envelope!.subject, message.envelope!.from![0].address, message.envelope!.messageId],
      ["attachment", "alice@example.org", "<attachment@example.org>"],
    );
    assert.equal(message.envelope!.date!.getTime(), Date.parse("2022-02-08T09:00:00Z"));
    const structure = message.bodyStructure!;
    assert.equal(structure.type, "multipart/mixed");
    assert.deepEqual(
      structure.childNodes!.map(({ part, type, encoding, disposition }) => [part, type, encoding, disposition ?? ""]),
      [["1", "text/plain", "quoted-printable", ""], ["2", "application/octet-stream", "base64", "attachment"]],
    );
    assert.match(message.headers!.toString(), /^Subject: attachment\r$/m);
    assert.equal(message.bodyParts!.get("1")!.toString(), "Gr=FC=DFe =3D\r\n");
    const { content: stream, meta } = await client.download("1", "2", uid);
    assert.equal(meta.filename, "bytes.bin");
    const decoded = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Uint8Array>));
    assert.deepEqual([...decoded], Array.from({ length: 1024 }, (_, i) => i % 256));
    if (!scene.server.foreign) assert.ok(message.emailId && message.threadId);
  });
});

test("searches", async (scene) => {
  await fill(scene);
  await scene.observer.store("INBOX", 2, "+FLAGS (\\Seen \\Flagged $Label)");
  await withImapFlow(scene, {}, async (client) => {
    await client.mailboxOpen("INBOX");
    assert.deepEqual(await client.search({ all: true }, uid), [1, 2, 3, 4]);
    assert.deepEqual(await client.search({ seen: false }, uid), [1, 3, 4]);
    assert.deepEqual(await client.search({ flagged: true, keyword: "$Label" }, uid), [2]);
    assert.deepEqual(await client.search({ body: "Ελλάδα" }, uid), [3]);
    assert.deepEqual(await client.search({ body: "köln", from: "ALICE" }, uid), [3]);
    assert.deepEqual(await client.search({ subject: "eight", not: { from: "carl" } }, uid), [3]);
    assert.deepEqual(await client.search({ or: [{ subject: "plain" }, { larger: 2000 }] }, uid), [1, 4]);
    assert.deepEqual(await client.search({ header: { References: "reference-39" } }, uid), [4]);
    assert.deepEqual(await client.search({ sentOn: new Date("2022-02-08T00:00:00Z") }, uid), [4]);
    assert.deepEqual(await client.search({ uid: "2:3" }, uid), [2, 3]);
    assert.deepEqual(await client.search({ text: "no such words" }, uid), []);
    const answer = await client.search({ seen: false }, { uid: true, returnOptions: ["MIN", "MAX", "COUNT", "ALL"] });
    assert.ok(answer !== false && !Array.isArray(answer));
    assert.deepEqual([answer.min, answer.max, answer.count, answer.all], [1, 4, 3, "1,3:4"]);
  });
});

test("changes flags, and finds what has changed (RFC 7162 §3.1.4.1)", async (scene) => {
  await fill(scene);
  await withImapFlow(scene, {}, async (client) => {
    const { highestModseq } = await client.mailboxOpen("INBOX");
    assert.ok(await client.messageFlagsAdd("1:2", ["\\Seen", "Work"], uid));
    assert.ok(await client.messageFlagsRemove("2", ["\\Seen"], uid));
    assert.ok(await client.messageFlagsSet("3", ["\\Answered"], uid));
    const changed: number[] = [];
    for await (
      const { uid } of client.fetch("1:*", { uid: true, flags: true }, { uid: true, changedSince: highestModseq })
    ) {
      changed.push(uid);
    }
    assert.deepEqual(changed, [1, 2, 3]);
  });
  assert.deepEqual(await scene.observer.summary("INBOX"), [
    "plain: Work \\Seen",
    "separators: Work",
    "eight bit: \\Answered",
    "attachment",
  ]);
});

test("copies, moves and deletes", async (scene) => {
  await fill(scene);
  await withImapFlow(scene, {}, async (client) => {
    await client.mailboxOpen("INBOX");
    const copied = await client.messageCopy("1,3", "Archive", uid);
    assert.ok(copied !== false);
    assert.deepEqual([...copied.uidMap!], [[1, 1], [3, 2]]);
    const moved = await client.messageMove({ subject: "attachment" }, "Archive", uid);
    assert.ok(moved !== false);
    assert.deepEqual([...moved.uidMap!], [[4, 3]]);
    assert.ok(await client.messageDelete("2", uid));
    assert.deepEqual(await client.search({ all: true }, uid), [1, 3]);
  });
  assert.deepEqual(await scene.observer.summary("INBOX"), ["plain", "eight bit"]);
  assert.deepEqual(await scene.observer.summary("Archive"), ["plain", "eight bit", "attachment"]);
});

for (const qresync of [false, true]) {
  test(`hears in IDLE what others do ${qresync ? "with" : "without"} QRESYNC`, async (scene) => {
    await fill(scene);
    await withImapFlow(scene, { qresync, disableAutoIdle: false }, async (client) => {
      await client.mailboxOpen("INBOX");
      const idle = client.idle();
      const exists = next<{ count: number; prevCount: number }>(client, "exists");
      await scene.observer.append("INBOX", mail("new"));
      assert.deepEqual(pick(await exists, "count", "prevCount"), [5, 4]);
      const flags = next<{ seq: number; flags: Set<string> }>(client, "flags");
      await scene.observer.store("INBOX", 2, "+FLAGS (\\Flagged)");
      const changed = await flags;
      assert.ok(changed.seq === 2 && changed.flags.has("\\Flagged"));
      const expunge = next<{ seq?: number; uid?: number; vanished: boolean }>(client, "expunge");
      await scene.observer.remove("INBOX", 1);
      assert.deepEqual(
        pick(await expunge, "seq", "uid", "vanished"),
        qresync ? [undefined, 1, true] : [1, undefined, false],
      );
      await client.noop();
      await idle;
      assert.deepEqual(await client.search({ all: true }, uid), [2, 3, 4, 5]);
    });
  });
}

function pick<T>(value: T, ...keys: (keyof T)[]): unknown[] {
  return keys.map((key) => value[key]);
}

test("resynchronises quickly (RFC 7162 §3.2.5)", async (scene) => {
  await fill(scene);
  const known = await withImapFlow(scene, { qresync: true }, async (client) => {
    const { highestModseq, uidValidity } = await client.mailboxOpen("INBOX");
    return { highestModseq: highestModseq!, uidValidity };
  });
  await scene.observer.store("INBOX", 3, "+FLAGS (\\Answered)");
  await scene.observer.remove("INBOX", 2);
  await scene.observer.append("INBOX", mail("new"));
  await withImapFlow(scene, { qresync: true }, async (client) => {
    const gone: (number | undefined)[] = [];
    const changed: (number | undefined)[] = [];
    client.on("expunge", ({ uid }: { uid?: number }) => gone.push(uid));
    client.on("flags", ({ uid }: { uid?: number }) => changed.push(uid));
    // The parameter is not in its published types.
    const options = { changedSince: `${known.highestModseq}`, uidValidity: known.uidValidity } as Record<
      string,
      unknown
    >;
    const mailbox = await client.mailboxOpen("INBOX", options);
    assert.equal(mailbox.exists, 4);
    assert.deepEqual([gone, changed.filter((uid) => uid !== 5)], [[2], [3]]);
  });
});

test("tells its quota and the server's name", async (scene) => {
  await fill(scene);
  await withImapFlow(scene, {}, async (client) => {
    assert.match(String(client.serverInfo!.name), /roost/i);
    const quota = await client.getQuota("INBOX");
    assert.ok(quota === false || quota.path === "INBOX");
  });
}, { roostOnly: true });

test("works on two connections with a thousand messages", async (scene) => {
  await withImapFlow(scene, {}, async (reader) => {
    await reader.mailboxOpen("INBOX");
    await withImapFlow(scene, { secure: true }, async (writer) => {
      const appending = Array.from({ length: 1000 }, (_, i) => writer.append("INBOX", content(mail(`m${i}`))));
      await Promise.all(appending);
    });
    await reader.noop();
    const subjects = new Set<string>();
    for await (const { envelope } of reader.fetch("1:*", { envelope: true, flags: true })) {
      subjects.add(envelope!.subject!);
    }
    assert.equal(subjects.size, 1000);
    await reader.messageMove("1:500", "Archive");
    assert.equal((reader.mailbox as { exists: number }).exists, 500);
    assert.equal((await reader.status("Archive", { messages: true })).messages, 500);
  });
});
