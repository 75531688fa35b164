import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { mail } from "./support/mail.ts";

const imtest = "/usr/lib/cyrus/bin/imtest";
const test = clientSuite({ name: "imtest", programs: [imtest], packages: "cyrus-clients libsasl2-modules" });

/** Logs in by a mechanism, then sends commands from a file; `options` come before the host. */
async function session(scene: Scene, mechanism: string, secure: boolean, commands: string[], options: string[] = []) {
  const { server, address, password } = scene;
  const script = await scene.file("commands", commands.map((line) => `${line}\r\n`).join(""));
  const port = secure ? server.imapsPort : server.imapPort;
  const args = [
    ...["-m", mechanism, "-a", address, "-u", address, "-w", password, "-p", `${port}`, "-f", script],
    ...(secure ? ["-s"] : []),
    ...options,
    "127.0.0.1",
  ];
  return await scene.run(imtest, args, { holdInput: true });
}

for (const secure of [true, false]) {
  for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "LOGIN"]) {
    // A lower-case "login" is the IMAP command, not a SASL mechanism.
    const name = mechanism === "LOGIN" ? "login" : mechanism;
    test(`logs in by ${mechanism} ${secure ? "over TLS" : "in clear"}`, async (scene) => {
      await scene.observer.append("INBOX", mail("waiting"));
      const { stdout } = await session(scene, name, secure, ["t1 SELECT INBOX", "t2 UID SEARCH ALL", "t3 LOGOUT"]);
      assert.match(stdout, /^Authenticated\.$/m);
      assert.match(stdout, /^\* 1 EXISTS\r?$/m);
      assert.match(stdout, /^\* SEARCH 1\r?$/m);
      assert.match(stdout, /^\* BYE/m);
      assert.match(stdout, /^t3 OK/m);
      if (mechanism.startsWith("SCRAM")) assert.match(stdout, new RegExp(`AUTHENTICATE ${mechanism}`));
    });
  }
}

test("is refused with a wrong password by each mechanism", async (scene) => {
  for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "CRAM-MD5", "login"]) {
    const script = await scene.file("commands", "t1 LOGOUT\r\n");
    const { server, address } = scene;
    const args = ["-m", mechanism, "-a", address, "-u", address, "-w", "wrong", "-p", `${server.imapsPort}`, "-s"];
    const { stdout } = await scene.run(imtest, [...args, "-f", script, "127.0.0.1"], {
      holdInput: true,
      codes: [0, 1],
    });
    assert.match(stdout, /NO \[AUTHENTICATIONFAILED\]/, mechanism);
    assert.match(stdout, /^Authentication failed\./m, mechanism);
    assert.doesNotMatch(stdout, /^Authenticated\.$/m, mechanism);
  }
});

test("pipelines a session of many commands", async (scene) => {
  const { stdout } = await session(scene, "PLAIN", true, [
    "c1 CREATE Made",
    "c2 APPEND Made (\\Flagged) {5+}",
    "Hi: x",
    "c3 SELECT Made",
    "c4 FETCH 1 (FLAGS BODY.PEEK[])",
    "c5 STORE 1 +FLAGS (\\Deleted)",
    "c6 EXPUNGE",
    "c7 UNSELECT",
    "c8 RENAME Made Renamed",
    'c9 LIST "" *',
    "c10 LOGOUT",
  ]);
  const tagged = stdout.match(/^c\d+ (OK|NO|BAD)/gm);
  assert.deepEqual(tagged, Array.from({ length: 10 }, (_, i) => `c${i + 1} OK`), stdout);
  assert.match(stdout, /BODY\[\] \{5\}\r?\nHi: x/);
  assert.match(stdout, /^\* 1 EXPUNGE/m);
  assert.ok((await scene.observer.mailboxes()).includes("Renamed"));
});
