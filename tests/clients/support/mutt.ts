/** The tests of mutt and of neomutt, which share their commands. Each runs in a terminal of its own. */
import assert from "node:assert/strict";
import type { Ran } from "./run.ts";
import { clientSuite, type Scene } from "./suite.ts";
import { assorted, attachment, mail } from "./mail.ts";
import { characters } from "./observer.ts";

interface Options {
  /** Lines for the configuration, after the common ones. */
  readonly settings?: readonly string[];
  readonly mailbox?: string;
  readonly secure?: boolean;
}

/** Opens a mailbox, presses the keys, quits. */
type Reader = (scene: Scene, keys: string, options?: Options) => Promise<Ran>;

function reader(program: string): Reader {
  return async (scene, keys, options = {}) => {
    const { server, address, password } = scene;
    const url = options.secure === true
      ? `imaps://127.0.0.1:${server.imapsPort}/`
      : `imap://127.0.0.1:${server.imapPort}/`;
    const config = await scene.file(
      "muttrc",
      [
        `set imap_user="${address}" imap_pass="${password}"`,
        `set folder="${url}" spoolfile="${url}INBOX" record="" postponed="${url}Drafts" trash=""`,
        "set ssl_starttls=no ssl_force_tls=no ssl_verify_host=no",
        `set certificate_file="${server.certificate}"`,
        "set confirmappend=no confirmcreate=no delete=yes move=no mark_old=no quit=yes sort=mailbox-order",
        "set imap_idle=no imap_check_subscribed=no imap_keepalive=60 timeout=5 mail_check=60",
        "set sleep_time=0 wait_key=no pager=builtin auto_tag=no beep=no resolve=no",
        "unset help",
        ...(options.settings ?? []),
        `push '${keys}'`,
        "",
      ].join("\n"),
    );
    const mailbox = options.mailbox ?? "INBOX";
    const command = `exec ${program} -n -F ${config} -f '${url}${mailbox}'`;
    return await scene.run("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      holdInput: true, // the end of input would be typed as ^D
      env: { LINES: "40", COLUMNS: "120", TERM: "xterm" },
    });
  };
}

/** Registers the tests of one of the two. */
export function muttTests(program: "mutt" | "neomutt"): void {
  const test = clientSuite({ name: program, programs: [program, "script"], packages: `${program} bsdutils` });
  const read = reader(program);

  test("reads messages and marks them", async (scene) => {
    await scene.observer.append("INBOX", mail("first", "Mary had a little lamb.\r\n"));
    await scene.observer.append("INBOX", mail("second"));
    await scene.observer.append("INBOX", mail("third"));
    const piped = scene.path("piped");
    const pipe = `<display-message><exit><pipe-message>cat > ${piped}<enter>`;
    await read(scene, `<first-entry>${pipe}<last-entry><flag-message><sync-mailbox><quit>`);
    assert.match(await Deno.readTextFile(piped), /\nMary had a little lamb\.\n$/);
    assert.deepEqual(await scene.observer.summary("INBOX"), ["first: \\Seen", "second", "third: \\Flagged"]);
  });

  test("takes marks off and deletes", async (scene) => {
    await scene.observer.append("INBOX", mail("first"), "\\Seen \\Flagged");
    await scene.observer.append("INBOX", mail("second"));
    await scene.observer.append("INBOX", mail("third"), "\\Answered");
    await read(scene, "<first-entry><clear-flag>!<clear-flag>N<next-entry><delete-message><quit>");
    const summary = await scene.observer.summary("INBOX");
    assert.deepEqual([summary.length, summary[1]], [2, "third: \\Answered"]);
    assert.doesNotMatch(summary[0], /Flagged/);
  });

  test("saves to and copies into folders that it makes", async (scene) => {
    for (const subject of ["first", "second", "third"]) await scene.observer.append("INBOX", mail(subject));
    await read(scene, "<first-entry><save-message>=Kept<enter><next-entry><copy-message>=Kept<enter><quit>");
    assert.deepEqual(strip(await scene.observer.summary("INBOX")), ["second", "third"]);
    assert.deepEqual(strip(await scene.observer.summary("Kept")), ["first", "second"]);
  });

  test("deletes by pattern and purges through the trash folder", async (scene) => {
    for (let i = 0; i < 30; i++) await scene.observer.append("INBOX", mail(i % 3 === 0 ? `spam ${i}` : `mail ${i}`));
    const trash = `set trash="=Trash"`;
    await read(scene, "<delete-pattern>~s spam<enter><sync-mailbox><quit>", { settings: [trash] });
    assert.equal((await scene.observer.messages("INBOX")).length, 20);
    const trashed = strip(await scene.observer.summary("Trash"));
    assert.deepEqual(trashed, Array.from({ length: 10 }, (_, i) => `spam ${i * 3}`));
  });

  test("searches on the server", async (scene) => {
    for (let i = 0; i < 10; i++) await scene.observer.append("INBOX", mail(`mail ${i}`, `Body number ${i * 7}.\r\n`));
    await read(scene, '<limit>=b "number 42"<enter><flag-message><sync-mailbox><quit>');
    const flagged = (await scene.observer.summary("INBOX")).filter((line) => line.includes("Flagged"));
    assert.deepEqual(strip(flagged), ["mail 6"]);
  });

  test("over TLS copies messages byte for byte to and from a local folder", async (scene) => {
    for (const [, content] of assorted) await scene.observer.append("INBOX", content);
    const maildir = scene.path("local");
    const settings = ["set mbox_type=Maildir", ...(program === "mutt" ? ["set imap_deflate=yes"] : [])];
    await read(scene, `<tag-pattern>~A<enter><tag-prefix><copy-message>${maildir}<enter><quit>`, {
      settings,
      secure: true,
    });
    const names = await Array.fromAsync(Deno.readDir(`${maildir}/cur`), ({ name }) => `${maildir}/cur/${name}`);
    for await (const { name } of Deno.readDir(`${maildir}/new`)) names.push(`${maildir}/new/${name}`);
    const contents = await Promise.all(names.map(async (name) => characters(await Deno.readFile(name))));
    assert.deepEqual(
      contents.map(withoutStatus).sort(),
      assorted.map(([, content]) => content.replaceAll("\r\n", "\n")).sort(),
    );
  });

  for (const extension of ["condstore", "qresync"]) {
    test(`finds what has changed since it was last there, by ${extension.toUpperCase()}`, async (scene) => {
      for (const subject of ["first", "second", "third"]) await scene.observer.append("INBOX", mail(subject));
      const settings = [`set imap_${extension}=yes header_cache="${await scene.folder("cache")}"`];
      await read(scene, "<quit>", { settings });
      await scene.observer.store("INBOX", 1, "+FLAGS (\\Flagged)");
      await scene.observer.remove("INBOX", 2);
      await scene.observer.append("INBOX", mail("fourth"));
      await read(scene, "<tag-pattern>~F|~s fourth|~s second<enter><tag-prefix><copy-message>=Found<enter><quit>", {
        settings,
      });
      assert.deepEqual(strip(await scene.observer.summary("Found")), ["first", "fourth"]);
    });
  }

  test("files a message of its own in a folder", async (scene) => {
    const editor = await scene.file("editor", '#!/bin/sh\necho "Written here." > "$1"\n', 0o700);
    const settings = [
      `set record="=Sent" copy=yes sendmail="/bin/true" from="${scene.address}"`,
      `set editor="${editor}" edit_headers=no abort_unmodified=no`,
    ];
    await read(scene, "<mail>bob@example.net<enter>from mutt<enter><send-message><quit>", { settings });
    const [message] = await scene.observer.messages("Sent");
    assert.match(message.content, /^Subject: from mutt\r\n(.+\r\n)*\r\nWritten here\.\r\n$/m);
    assert.equal(message.flags, "\\Seen");
  });

  test("makes, renames and deletes folders in its browser", async (scene) => {
    await scene.observer.command("CREATE Doomed");
    await scene.observer.command("CREATE Old");
    const toEntry = (name: string) => `<search>${name}<enter>`;
    await read(
      scene,
      `<change-folder>?${program === "neomutt" ? "<toggle-mailboxes>" : ""}` +
        "<create-mailbox><kill-line>Made<enter>" +
        `${toEntry("Old")}<rename-mailbox><kill-line>New<enter>` +
        `${toEntry("Doomed")}<delete-mailbox>y` +
        "<exit><quit>",
    );
    const mailboxes = await scene.observer.mailboxes();
    assert.ok(mailboxes.includes("Made"), mailboxes.join());
    assert.ok(mailboxes.includes("New") && !mailboxes.includes("Old"), mailboxes.join());
    assert.ok(!mailboxes.includes("Doomed"), mailboxes.join());
  });

  test("reads and changes mail through a tunnel to imapserve", async (scene) => {
    await scene.observer.append("INBOX", mail("first", "Down the tunnel.\r\n"));
    await scene.observer.append("INBOX", attachment);
    const command = scene.server.command(["imapserve", scene.address]).join(" ");
    const piped = scene.path("piped");
    const pipe = `<display-message><exit><pipe-message>cat > ${piped}<enter>`;
    const keys = `<first-entry>${pipe}<flag-message><last-entry><save-message>=Through<enter><quit>`;
    await read(scene, keys, { settings: [`set tunnel="${command}" tunnel_is_secure=yes`] });
    assert.match(await Deno.readTextFile(piped), /\nDown the tunnel\.\n$/);
    assert.deepEqual(await scene.observer.summary("INBOX"), ["first: \\Flagged \\Seen"]);
    assert.equal((await scene.observer.messages("Through"))[0].content, attachment);
  }, { roostOnly: true });
}

/** Subjects alone. */
function strip(summary: string[]): string[] {
  return summary.map((line) => line.split(": ")[0]);
}

/** Status fields are how these readers keep flags in a local folder. */
function withoutStatus(content: string): string {
  return content.replace(/^(Status|X-Status|Content-Length|Lines): .*\n/gm, "");
}
