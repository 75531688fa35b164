import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const flags = ["\\Deleted"];

protocolTest("UID EXPUNGE removes what is \\Deleted and named (RFC 4315 §2.1)", async (t) => {
  const inbox = Array.from({ length: 6 }, (_, n) => n === 0 ? mail("1") : { text: mail(`${n + 1}`), flags });
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A003 UID EXPUNGE 1,3:5,3000:3002
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: A003 OK UID EXPUNGE done
    C: A004 UID SEARCH ALL
    S: * SEARCH 1 2 6
    S: A004 OK ...
    C: A005 UID EXPUNGE
    S: A005 BAD ...
  `);
});

protocolTest("APPENDUID and COPYUID (RFC 4315 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), mail("2"), { text: mail("3"), flags }, mail("4"), mail("5")] });
  await client.ok("CREATE meeting");
  await client.ok("CREATE funny");
  await client.ok("SELECT INBOX");
  await client.ok("EXPUNGE");
  const text = mail("6");
  await client.send(`A003 APPEND meeting (\\Seen) {${text.length}+}\r\n${text}\r\n`);
  const validity = await t.uidvalidity("meeting");
  await client.exchange(`
    S: A003 OK [APPENDUID ${validity} 1] APPEND done
    C: A004 COPY 2:4 meeting
    S: A004 OK [COPYUID ${validity} 2,4:5 2:4] COPY done
    C: A005 UID COPY 305:310 meeting
    S: A005 OK UID COPY done
    C: A006 UID COPY 5,1,4,2 funny
    S: A006 OK [COPYUID ${await t.uidvalidity("funny")} 1:2,4:5 1:4] UID COPY done
  `);
});

protocolTest("COPYUID pairs belong together whatever the order asked in (RFC 4315 §3)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c", "d"].map((name) => mail(name)) });
  await client.ok("SELECT INBOX");
  const line = (await client.command("COPY 4,2:3,1 Archive")).at(-1) ?? "";
  assert.match(line, /\[COPYUID \d+ 1:4 1:4\]/);
  await client.ok("SELECT Archive");
  const subjects = (await client.ok("UID FETCH 1:4 ENVELOPE")).map((row) => /ENVELOPE \("[^"]*" "(.)"/.exec(row)?.[1]);
  assert.deepEqual(subjects, ["a", "b", "c", "d"]);
});
