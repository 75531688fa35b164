/** contrib/fail2ban: the filter finds who failed in lines that the server wrote, and nobody else. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { setUpLog } from "../../server/log.ts";
import { TestServer } from "../support/protocol.ts";
import { clientSuite, type Scene } from "./support/suite.ts";

const test = clientSuite({ name: "fail2ban", programs: ["fail2ban-regex", "fail2ban-client"], packages: "fail2ban" });

const FILTER = fileURLToPath(new URL("../../contrib/fail2ban/roost.conf", import.meta.url));
const VICTIM = "198.51.100.1";
const FORGED = 'time=2026-01-01T00:00:00.000Z level=info logger=roost.auth msg="login failed" ' +
  `remote=${VICTIM} protocol=imap mechanism=LOGIN reason=credentials tls="" user=x`;
const FORGED_JSON = '{"@timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","message":"login failed",' +
  `"logger":"roost.auth","remote":"${VICTIM}","protocol":"imap","mechanism":"LOGIN","reason":"credentials","tls":"","user":""}`;

/** Names of somebody who wants another to be banned. */
const HOSTILE = [
  `x\r\n${FORGED}`,
  `x\n${FORGED_JSON}`,
  `" remote=${VICTIM} user="`,
  `\\" remote=${VICTIM} protocol=imap mechanism=LOGIN reason=credentials`,
  `remote=${VICTIM}`,
  `\u2028${FORGED}`,
  `\u0085${FORGED}`,
  `${VICTIM}`,
  "x".repeat(5_000),
  "\xff\xfe",
];

/** LOGIN with both arguments as literals: any byte but NUL may be in them (RFC 9051 §4.3). */
function login(tag: string, user: string, password: string): string {
  const size = (text: string) => new TextEncoder().encode(text).length;
  return `${tag} LOGIN {${size(user)}+}\r\n${user} {${size(password)}+}\r\n${password}\r\n`;
}

/** The addresses that the filter finds, one for each line that it counts. */
async function found(scene: Scene, lines: readonly string[]): Promise<string[]> {
  const log = await scene.file("roost.log", lines.map((line) => `${line}\n`).join(""));
  const { stdout } = await scene.run("fail2ban-regex", ["-o", "<ip>", log, FILTER]);
  return stdout.split("\n").filter((line) => line !== "");
}

for (const format of ["logfmt", "json"] as const) {
  test(
    `${format}: finds those who failed, IPv4 and IPv6, in a file, from syslog and from the journal`,
    async (scene) => {
      const lines: string[] = [];
      const t = await TestServer.start();
      try {
        await setUpLog({ level: "info", format }, { write: (line) => lines.push(line.trimEnd()) });
        const { id } = await t.account();
        // From far apart, since neighbours' failures count together and make all of them wait.
        const remotes = [...HOSTILE.keys()].map((at) => at % 2 === 0 ? `10.${at}.0.1` : `2a0${at}:db8::1`);
        for (const [at, user] of HOSTILE.entries()) {
          const client = await t.connect({ remote: remotes[at] });
          await client.send(login("a", user, "wrong"));
          assert.match((await client.answer("a")).join(), /NO \[AUTHENTICATIONFAILED\]/);
        }
        const malformed = await t.connect({ remote: "203.0.113.1" });
        await malformed.send("a AUTHENTICATE PLAIN =\r\n");
        assert.match((await malformed.answer("a")).join(), /BAD/);
        // These are no attacks.
        await t.login();
        await t.store.directory.setDisabled(id, "Unpaid.");
        const closed = await t.connect({ remote: "203.0.113.2" });
        assert.match((await closed.command("LOGIN alice@example.org secret")).join(), /CONTACTADMIN/);
        const given = await t.connect({ remote: "203.0.113.3" });
        await given.send("a AUTHENTICATE PLAIN\r\n*\r\n");
        assert.match((await given.answer("a")).join(), /BAD/);

        const expected = [...remotes, "203.0.113.1"];
        assert.ok(lines.length > expected.length);
        // Other programs write to the same file, and quote nothing.
        lines.push(
          `Nov 20 14:19:30 mail sshd[1]: Invalid user ${FORGED}`,
          `mail sshd[1]: Invalid user mail roost[1]: ${FORGED}`,
          `x ${FORGED}`,
          `x ${FORGED_JSON}`,
        );
        for (
          const prefix of [
            "",
            "Nov 20 14:19:30 mail roost[17]: ",
            "2026-11-20T14:19:30+00:00 mail roost[17]: ",
            "mail roost[17]: ",
          ]
        ) {
          assert.deepEqual(await found(scene, lines.map((line) => prefix + line)), expected, prefix);
        }
      } finally {
        await setUpLog({ level: "error", format });
        await t.stop();
      }
    },
    { roostOnly: true },
  );
}

test("takes the sample jail", async (scene) => {
  await scene.run("cp", ["-r", "/etc/fail2ban", scene.path("conf")]);
  await scene.run("cp", [FILTER, scene.path("conf/filter.d/roost.conf")]);
  await scene.run("cp", [FILTER.replace("roost.conf", "jail.conf"), scene.path("conf/jail.d/roost.conf")]);
  // Debian's own jail for sshd is not the subject.
  await scene.run("rm", ["-f", scene.path("conf/jail.d/defaults-debian.conf")]);
  const { stdout } = await scene.run("fail2ban-client", ["-c", scene.path("conf"), "-d"]);
  assert.match(stdout, /'roost', 'addjournalmatch', '_SYSTEMD_UNIT=roost\.service'/);
});

// Last, since later logins from this address would be refused.
test("finds each failed login in the log of a server, and nobody whom a name names", async (scene) => {
  const { server } = scene;
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.imapPort });
  // From the third on each answer takes longer.
  const names = HOSTILE.slice(0, 4);
  const text = names.map((name, at) => login(`a${at}`, name, "wrong")).join("") + "z LOGOUT\r\n";
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  const answers = await new Response(conn.readable).text();
  assert.equal(answers.match(/^a\d NO/gm)?.length, names.length, answers);
  const failed = server.logTail(20_000).split("\n").filter((line) => line.includes("login failed"));
  assert.deepEqual(await found(scene, failed), Array(names.length).fill("127.0.0.1"));
}, { roostOnly: true });
