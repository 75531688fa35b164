import assert from "node:assert/strict";
import { type Fixture, protocolTest } from "../support/protocol.ts";

interface Message {
  readonly id?: string;
  readonly subject?: string;
  readonly references?: string;
  readonly replyTo?: string;
  /** Minute of its Date; also, in hours, of its arrival. */
  readonly at: number;
  readonly arrived?: number;
}

function fixture({ id, subject, references, replyTo, at, arrived = at }: Message): Fixture {
  const lines = [
    `Date: Mon, 7 Feb 1994 10:${String(at).padStart(2, "0")}:00 +0000`,
    ...(id ? [`Message-ID: ${id.startsWith("<") ? id : `<${id}@x>`}`] : []),
    ...(subject === undefined ? [] : [`Subject: ${subject}`]),
    ...(references ? [`References: ${references.split(" ").map((one) => `<${one}@x>`).join("\r\n\t")}`] : []),
    ...(replyTo ? [`In-Reply-To: ${replyTo}`] : []),
  ];
  return { text: `${lines.join("\r\n")}\r\n\r\nx\r\n`, date: arrived * 3600 };
}

function threadTest(title: string, messages: readonly Message[], expected: Record<string, string>): void {
  protocolTest(title, async (t) => {
    const client = await t.login({ inbox: messages.map(fixture) });
    await client.ok("SELECT INBOX");
    for (const [algorithm, threads] of Object.entries(expected)) {
      const answer = `* THREAD ${threads}`.trimEnd();
      assert.deepEqual(await client.ok(`THREAD ${algorithm} UTF-8 ALL`), [answer], algorithm);
    }
  });
}

threadTest("THREAD=ORDEREDSUBJECT, THREAD=REFERENCES and THREAD=REFS of a conversation (RFC 5256 §3)", [
  { id: "a", subject: "Plan", at: 1 },
  { id: "b", subject: "Re: Plan", references: "a", at: 3 },
  { id: "c", subject: "Other", at: 2 },
  { id: "d", subject: "Re: Plan", references: "a b", at: 5 },
  { id: "e", subject: "Re: plan (fwd)", references: "a", at: 4 },
], {
  ORDEREDSUBJECT: "(1 (2)(5)(4))(3)",
  REFERENCES: "(1 (2 4)(5))(3)",
  REFS: "(3)(1 (2 4)(5))",
});

threadTest("messages that are not there hold siblings together, or go (RFC 5256 §3 REFERENCES step 3)", [
  { id: "b", subject: "x", references: "gone", at: 1 },
  { id: "c", subject: "y", references: "gone", at: 2 },
  { id: "d", subject: "z", references: "other gone2", at: 3 },
  { id: "e", subject: "w", references: "b lost", at: 4 },
], { REFERENCES: "((1 4)(2))(3)", REFS: "(3)((1 4)(2))" });

threadTest("threads of one subject are gathered (RFC 5256 §3 REFERENCES step 5)", [
  { id: "a", subject: "Same", at: 1 },
  { id: "b", subject: "Re: same", at: 2 },
  { id: "c", subject: "Twice", at: 3 },
  { id: "d", subject: "twice", at: 4 },
  { id: "e", subject: "Re: first", at: 5 },
  { id: "f", subject: "First", at: 6 },
  { id: "g", subject: "", at: 7 },
  { id: "h", subject: "", at: 8 },
], {
  REFERENCES: "(1 2)((3)(4))(6 5)(7)(8)",
  REFS: "(1)(2)(3)(4)(5)(6)(7)(8)",
});

threadTest("dummies of one subject become one, and take the others in (RFC 5256 §3 REFERENCES step 5.C)", [
  { id: "a", subject: "s", references: "one", at: 1 },
  { id: "b", subject: "s", references: "one", at: 5 },
  { id: "c", subject: "s", references: "two", at: 3 },
  { id: "d", subject: "s", references: "two", at: 4 },
  { id: "e", subject: "s", at: 2 },
], { REFERENCES: "((1)(5)(3)(4)(2))" });

threadTest("In-Reply-To counts where there are no References, its first identifier (RFC 5256 §3)", [
  { id: "a", subject: "1", at: 1 },
  { id: "b", subject: "2", replyTo: "mail of <a@x> by <c@x>", at: 2 },
  { id: "c", subject: "3", replyTo: "<a@x>", references: "b", at: 3 },
], { REFS: "(1 2 3)" });

threadTest("quoting makes no other identifier; two messages of one are two (RFC 5256 §3)", [
  { id: '<"a.b"@x>', subject: "1", at: 1 },
  { id: "a.b", subject: "2", at: 2 },
  { id: "c", subject: "3", references: "a.b", at: 3 },
  { subject: "4", at: 4 },
], { REFS: "(2)(1 3)(4)".replace("(2)(1 3)", "(2)(1 3)") });

threadTest("References that go in circles end somewhere (RFC 5256 §3 REFERENCES step 1)", [
  { id: "a", subject: "1", references: "b", at: 1 },
  { id: "b", subject: "2", references: "a", at: 2 },
  { id: "c", subject: "3", references: "c c", at: 3 },
], { REFS: "(2 1)(3)" });

threadTest("a message that came truncated is put right by itself (RFC 5256 §3 REFERENCES step 1.B)", [
  { id: "d", subject: "1", references: "a c", at: 4 },
  { id: "a", subject: "2", at: 1 },
  { id: "b", subject: "3", references: "a", at: 2 },
  { id: "c", subject: "4", references: "a b", at: 3 },
], { REFS: "(2 3 4 1)" });

threadTest("a parent that says nothing of its own is told by others that come later (RFC 5256 §3 step 1.A)", [
  { id: "a", subject: "1", at: 1 },
  { id: "b", subject: "2", at: 2 },
  { id: "c", subject: "3", references: "a b", at: 3 },
], { REFS: "(1 2 3)" });

threadTest("nothing to thread is an empty answer (RFC 5256 §3)", [], { REFERENCES: "", ORDEREDSUBJECT: "", REFS: "" });

protocolTest("UID THREAD of what a search finds; wrong grammar (RFC 5256 §3)", async (t) => {
  const client = await t.login({
    inbox: [{ id: "x", at: 1 }, { id: "a", subject: "s", at: 2 }, { id: "b", subject: "Re: s", references: "a", at: 3 }]
      .map(fixture),
  });
  await client.exchange(`
    C: z THREAD REFS UTF-8 ALL
    S: z BAD ...
    C: o SELECT INBOX
    S: o OK ...
    C: a STORE 1 +FLAGS.SILENT (\\Deleted)
    S: a OK ...
    C: b EXPUNGE
    S: b OK ...
    C: c THREAD REFERENCES UTF-8 ALL
    S: * THREAD (1 2)
    S: c OK THREAD done
    C: d UID THREAD REFERENCES UTF-8 ALL
    S: * THREAD (2 3)
    S: d OK UID THREAD done
    C: e THREAD REFERENCES UTF-8 SUBJECT "re: s"
    S: * THREAD (2)
    S: e OK ...
    C: f THREAD NOSUCH UTF-8 ALL
    S: f BAD ...
    C: g THREAD REFERENCES ALL
    S: g BAD ...
    C: h THREAD REFERENCES X-NONE ALL
    S: h NO [BADCHARSET (...)] ...
    C: i THREAD
    S: i BAD ...
  `);
});
