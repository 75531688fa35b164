/** Trees written and read by other programs: Dovecot and Python's mailbox module. */
import assert from "node:assert/strict";
import { everything, messages, type Place, transferTest } from "./support.ts";

async function installed(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command("which", { args: [program] }).output()).success;
  } catch {
    return false;
  }
}

const required = Deno.env.get("ROOST_REQUIRE_CLIENTS") === "1";
const dovecot = Deno.build.os === "linux" && (required || await installed("/usr/lib/dovecot/imap"));
const python = required || await installed("python3");

async function run(
  command: string,
  args: readonly string[],
  stdin = "",
  env: Record<string, string> = {},
): Promise<string> {
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(command, { args: [...args], env, ...piped }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await output;
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Dovecot does not serve root's mail. */
const owner = Deno.uid() === 0 ? 65534 : Deno.uid() ?? 0;

/** Talks to Dovecot's IMAP server, which runs on standard input and output. */
async function dovecotImap({ folder, write }: Place, maildir: string, commands: readonly string[]): Promise<string> {
  write(
    "dovecot.conf",
    `log_path = /dev/stderr
base_dir = ${folder}/run
mail_location = maildir:${folder}/${maildir}
ssl = no
first_valid_uid = 1
mail_uid = ${owner}
mail_gid = ${owner === 65534 ? 65534 : Deno.gid()}
mail_home = ${folder}/home
namespace inbox {
  inbox = yes
  separator = /
}
`,
  );
  Deno.mkdirSync(`${folder}/${maildir}`, { recursive: true });
  if (Deno.uid() === 0) await run("chown", ["-R", `${owner}:${owner}`, folder]);
  const lines = commands.map((command, at) => `c${at} ${command}\r\n`).join("");
  const env = { USER: "tester", HOME: folder };
  const text = await run("/usr/lib/dovecot/imap", ["-c", `${folder}/dovecot.conf`], `${lines}z LOGOUT\r\n`, env);
  assert.match(text, /^z OK/m, text);
  assert.doesNotMatch(text, /^c\d+ (?:NO|BAD)/m);
  return text;
}

const letter = (n: number) => `From: a@b\r\nSubject: message ${n}\r\n\r\nFrom me\r\n\r\nline ${n}\r\n`;
const append = (mailbox: string, flags: string, date: string, text: string) =>
  `APPEND "${mailbox}" (${flags}) "${date}" {${text.length}+}\r\n${text}`;

const dovecotTest = dovecot ? transferTest : () => {};
const pythonTest = python ? transferTest : () => {};

dovecotTest(
  "a tree that Dovecot wrote, exported and imported again, is the same; Dovecot serves the export",
  async (t) => {
    const commands = ['CREATE "R&AOQ-ume"', 'CREATE "Work/2024"', 'SUBSCRIBE "Work/2024"', "SUBSCRIBE INBOX"];
    for (let n = 0; n < 40; n++) {
      const mailbox = ["INBOX", "R&AOQ-ume", "Work/2024"][n % 3];
      const flags = ["\\Seen", "\\Flagged \\Answered", "$Forwarded own", "\\Draft \\Deleted", ""][n % 5];
      const day = String(28 - (n % 28)).padStart(2);
      commands.push(append(mailbox, flags, `${day}-Feb-2020 10:00:${String(n).padStart(2, "0")} +0000`, letter(n)));
    }
    await dovecotImap(t, "Maildir", commands);
    assert.deepEqual(await t.bring("maildir", "Maildir"), { added: 40, present: 0, told: [] });
    const inbox = await messages(t.mail);
    assert.deepEqual(inbox[0], { date: Date.UTC(2020, 1, 28, 10, 0, 0) / 1000, flags: "\\Seen", text: letter(0) });
    assert.deepEqual(inbox.map(({ text }) => text), Array.from({ length: 14 }, (_, at) => letter(at * 3)));
    assert.equal((await messages(t.mail, "Räume")).filter(({ flags }) => flags.includes("own")).length, 3);
    const subscribed: string[] = await t.mail.subscriptions();
    assert.ok(subscribed.includes("Work/2024") && !subscribed.includes("Räume"));

    await t.take("maildir", "out");
    const other = await t.fresh();
    await t.bring("maildir", "out", { into: other });
    assert.deepEqual(await everything(other), await everything(t.mail));

    const answer = await dovecotImap(t, "out", [
      'SELECT "Work/2024"',
      "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)",
      'LIST "" *',
      'LSUB "" *',
    ]);
    const work = await messages(t.mail, "Work/2024");
    assert.match(answer, new RegExp(`^\\* ${work.length} EXISTS`, "m"));
    for (const [at, { text }] of work.entries()) {
      assert.match(answer, new RegExp(`^\\* ${at + 1} FETCH \\(UID ${at + 1} .*RFC822.SIZE ${text.length}\\)`, "m"));
    }
    assert.match(answer, /UID 1 FLAGS \([^)]*\$Forwarded own\) INTERNALDATE "26-Feb-2020 10:00:02 \+0000"/);
    assert.match(answer, /^\* LIST \([^)]*\) "\/" R&AOQ-ume/m);
    assert.match(answer, /^\* LSUB \([^)]*\) "\/" Work\/2024/m);
  },
);

/** What Python writes: two messages with flags, one of them with a From line in it. */
const WRITE = `
import mailbox, os, sys
kind, path = sys.argv[1:]
made = mailbox.Maildir(path, create=True) if kind == "maildir" else mailbox.mbox(path, create=True)
Message = mailbox.MaildirMessage if kind == "maildir" else mailbox.mboxMessage
for n, flags in enumerate(["RF", "D"]):
    message = Message("Subject: message %d\\n\\nFrom me\\nline\\n" % n)
    if kind == "maildir":
        message.set_flags({"RF": "FS", "D": "T"}[flags])
        message.set_subdir("cur")
        message.set_date(1600000000 + n)
    else:
        message.set_flags(flags)
        message.set_from("a@b", __import__("time").gmtime(1600000000 + n))
    made.add(message)
made.close()
`;

const READ = `
import mailbox, sys
kind, path = sys.argv[1:]
made = mailbox.Maildir(path) if kind == "maildir" else mailbox.mbox(path)
for message in sorted(made, key=lambda message: message["subject"]):
    print(message["subject"], "".join(sorted(message.get_flags())), repr(message.get_payload()))
`;

for (const kind of ["mbox", "maildir"] as const) {
  pythonTest(`${kind}: what Python's mailbox module wrote is read, and it reads what is exported`, async (t) => {
    await run("python3", ["-c", WRITE, kind, `${t.folder}/in`]);
    assert.deepEqual(await t.bring(kind, "in"), { added: 2, present: 0, told: [] });
    const text = (n: number) => `Subject: message ${n}\r\n\r\nFrom me\r\nline\r\n`;
    assert.deepEqual(await messages(t.mail), [
      { date: 1_600_000_000, flags: "\\Flagged \\Seen", text: text(0) },
      { date: 1_600_000_001, flags: "\\Deleted", text: text(1) },
    ]);
    await t.take(kind, "out");
    const read = await run("python3", [
      "-c",
      READ,
      kind,
      kind === "mbox" ? `${t.folder}/out/INBOX` : `${t.folder}/out`,
    ]);
    assert.deepEqual(
      read,
      kind === "mbox"
        // It does not take the quoting away.
        ? "message 0 FOR '>From me\\nline\\n'\nmessage 1 DO '>From me\\nline\\n'\n"
        : "message 0 FS 'From me\\nline\\n'\nmessage 1 T 'From me\\nline\\n'\n",
    );
  });
}
