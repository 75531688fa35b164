import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { assorted, mail } from "./support/mail.ts";

const test = clientSuite({ name: "imapfilter", programs: ["imapfilter"], packages: "imapfilter" });

/** Runs Lua in which `account` is logged in. */
async function filter(scene: Scene, lua: string, secure = false) {
  const { server, address, password } = scene;
  const script = await scene.file(
    "config.lua",
    `options.timeout = 15
options.create = true
options.subscribe = true
options.starttls = false
options.info = false
account = IMAP {
  server = '127.0.0.1',
  port = ${secure ? server.imapsPort : server.imapPort},
  username = '${address}',
  password = '${password}',
  ${secure ? "ssl = 'auto'," : ""}
}
${lua}`,
  );
  return (await scene.run("imapfilter", ["-t", server.certificate, "-c", script])).stdout;
}

test("searches", async (scene) => {
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  await scene.observer.append("INBOX", mail("old and seen"), "\\Seen", "01-Jan-2001 00:00:00 +0000");
  const stdout = await filter(
    scene,
    `local inbox = account.INBOX
local function show(name, messages)
  local uids = {}
  for _, message in ipairs(messages) do table.insert(uids, message[2]) end
  print(name .. '=' .. table.concat(uids, ','))
end
show('all', inbox:select_all())
show('unseen', inbox:is_unseen())
show('older', inbox:is_older(3000))
show('subject', inbox:contain_subject('eight'))
show('from', inbox:contain_from('alice@example.org') * inbox:is_seen())
show('body', inbox:contain_body('MAILER-DAEMON'))
show('larger', inbox:is_larger(2000))
show('field', inbox:contain_field('References', 'reference-39'))
show('or', inbox:contain_subject('eight') + inbox:contain_subject('plain'))
show('match', inbox:match_subject('^a.*t$'))
`,
  );
  assert.deepEqual(stdout.trim().split("\n"), [
    "all=1,2,3,4,5",
    "unseen=1,2,3,4",
    "older=5",
    "subject=3",
    "from=5",
    "body=2",
    "larger=4",
    "field=4",
    "or=1,3",
    "match=4",
  ]);
});

test("marks, moves, copies and deletes", async (scene) => {
  for (let i = 1; i <= 6; i++) await scene.observer.append("INBOX", mail(`mail ${i}`));
  await filter(
    scene,
    `local inbox = account.INBOX
inbox:contain_subject('mail 1'):mark_flagged()
inbox:contain_subject('mail 2'):mark_seen()
inbox:contain_subject('mail 3'):add_flags({ 'Receipt', '\\\\Answered' })
inbox:contain_subject('mail 4'):copy_messages(account['Kept'])
inbox:contain_subject('mail 5'):move_messages(account['Filed/2022'])
inbox:contain_subject('mail 6'):delete_messages()
`,
    true,
  );
  assert.deepEqual(await scene.observer.summary("INBOX"), [
    "mail 1: \\Flagged",
    "mail 2: \\Seen",
    "mail 3: Receipt \\Answered",
    "mail 4",
  ]);
  assert.deepEqual(await scene.observer.summary("Kept"), ["mail 4"]);
  assert.deepEqual(await scene.observer.summary("Filed/2022"), ["mail 5"]);
});

test("makes, renames, subscribes and deletes mailboxes", async (scene) => {
  await scene.observer.command("CREATE Doomed");
  const stdout = await filter(
    scene,
    `account:create_mailbox('Made')
account:create_mailbox('Old')
account:rename_mailbox('Old', 'New')
account:subscribe_mailbox('New')
account:unsubscribe_mailbox('Doomed')
account:delete_mailbox('Doomed')
local mailboxes, folders = account:list_all('', '*')
table.sort(mailboxes)
print(table.concat(mailboxes, ','))
local subscribed = account:list_subscribed('', 'N%')
print(table.concat(subscribed, ','))
print(account['Made']:check_status())
`,
  );
  const [all, subscribed] = stdout.split("\n");
  assert.equal(all.split(",").filter((name) => ["Made", "Old", "New", "Doomed"].includes(name)).join(), "Made,New");
  assert.equal(subscribed, "New");
  assert.deepEqual(await scene.observer.mailboxes("New"), ["New"]);
});

test("fetches parts and uploads", async (scene) => {
  for (const [, content] of assorted) await scene.observer.append("INBOX", content);
  const stdout = await filter(
    scene,
    `local inbox = account.INBOX
local all = inbox:select_all()
local parts = inbox[4]:fetch_structure()
local names = {}
for part, data in pairs(parts) do table.insert(names, part .. ':' .. data.type .. ':' .. (data.name or '')) end
table.sort(names)
print(table.concat(names, ' '))
print(inbox[4]:fetch_part('1'))
print(inbox[1]:fetch_field('Subject'))
print(inbox[1]:fetch_size())
print(inbox[1]:fetch_date())
print(table.concat(inbox[1]:fetch_flags(), ' '))
account['Copies']:append_message(inbox[4]:fetch_message(), { '\\\\Seen' }, '11-Feb-2022 10:11:12 +0000')
`,
  );
  assert.match(stdout, /^1:text\/plain: 2:application\/octet-stream:bytes\.bin\n/i);
  assert.match(stdout, /^Gr=FC=DFe =3D\r?\n/m);
  assert.match(stdout, /^Subject: plain\r?$/m);
  assert.match(stdout, new RegExp(`^${assorted[0][1].length}$`, "m"));
  const [copy] = await scene.observer.messages("Copies");
  assert.deepEqual([copy.content, copy.flags, copy.date], [
    assorted[3][1],
    "\\Seen",
    "11-Feb-2022 10:11:12 +0000",
  ]);
});

test("waits in IDLE until mail comes", async (scene) => {
  const done = filter(
    scene,
    `account.INBOX:enter_idle()
account.INBOX:is_unseen():move_messages(account['Taken'])
`,
  );
  let finished = false;
  done.finally(() => finished = true).catch(() => {});
  // enter_idle() returns at the first change after IDLE began, so mail keeps coming until it has.
  for (let i = 0; i < 100 && !finished; i++) {
    await scene.observer.append("INBOX", mail(`wake ${i}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await done;
  assert.ok((await scene.observer.messages("Taken")).length > 0);
});
