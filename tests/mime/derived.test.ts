import assert from "node:assert/strict";
import { sentDay } from "../../store/mime/date.ts";
import { baseSubject, firstMessageId, messageIds } from "../../store/mime/threading.ts";
import { look, mail } from "./mail.ts";

const DAY = Date.UTC(2024, 6, 5) / 86_400_000;
const DATES: [string, number | null][] = [
  ["Fri, 5 Jul 2024 23:59:59 -1200", DAY],
  ["Fri, 05 Jul 2024 00:00:00 +1400", DAY],
  ["5 Jul 2024 10:00 GMT", DAY],
  ["Fri,5 Jul 2024 10:00:00 EST", DAY],
  ["Friday, 5 July 2024 10:00:00 MST", DAY],
  ["Fri, 5 Jul 24 10:00:00 Z", DAY],
  ["Fri, 5 JUL 124 10:00:00 +0000", DAY],
  ["Fri (a) , 5 (b (c)) Jul(d)2024 10:00:00 +0000", DAY],
  ["Fri Jul  5 10:00:00 2024", DAY],
  ["Fri Jul  5 10:00:00 CEST 2024", DAY],
  ["5-Jul-2024 10:00:00", DAY],
  ["2024-07-05T10:00:00Z", DAY],
  ["Jul 5, 2024 10:00 PM", DAY],
  ["  Fri, 5 Jul 2024", DAY],
  ["Fri, 5 Jul 2024 99:99:99 nonsense", DAY],
  ["1 Jan 1970", 0],
  ["31 Dec 69", -1],
  ["1 Jan 50 00:00", Date.UTC(1950, 0, 1) / 86_400_000],
  ["31 Dec 49 00:00", Date.UTC(2049, 11, 31) / 86_400_000],
  ["29 Feb 2024", Date.UTC(2024, 1, 29) / 86_400_000],
  ["31 Feb 2024", null],
  ["0 Jul 2024", null],
  ["5 Foo 2024", null],
  ["yesterday", null],
  ["", null],
  ["(", null],
];
for (const [text, expected] of DATES) {
  Deno.test(`Date: ${text} (RFC 5322 §3.3, §4.3)`, () => assert.equal(sentDay(text), expected));
}

Deno.test("no Date field, no day", () => {
  assert.equal(sentDay(undefined), null);
  assert.equal(look("Subject: x\r\n\r\n").parsed.sentDay, null);
});

const SUBJECTS: [string, string][] = [
  ["Hello", "Hello"],
  ["Re: Hello", "Hello"],
  ["RE:  re : Fwd: FW: Hello", "Hello"],
  ["Re [2]: Hello", "Hello"],
  ["[list] Hello", "Hello"],
  ["Re: [list] Re: [other] Hello (fwd) (FWD)", "Hello"],
  ["[Fwd: Re: [list] Hello]", "Hello"],
  ["[fwd: a] b", "b"],
  ["[list]", "[list]"],
  ["Re: [list]", "[list]"],
  ["Re:", ""],
  ["Report: Hello", "Report: Hello"],
  ["Hello   world\t!", "Hello world !"],
  ["", ""],
];
for (const [subject, expected] of SUBJECTS) {
  Deno.test(`base subject of ${JSON.stringify(subject)} (RFC 5256 §2.1)`, () =>
    assert.equal(baseSubject(subject), expected));
}

Deno.test("message identifiers (RFC 5322 §3.6.4)", () => {
  assert.deepEqual(messageIds("<a@b> text <c@d>\r\n <e @f>"), ["a@b", "c@d", "e@f"]);
  assert.deepEqual(messageIds("<<a@b>> <> <c"), ["a@b"]);
  assert.deepEqual(messageIds(undefined), []);
  assert.equal(firstMessageId("a@b"), "a@b");
  assert.equal(firstMessageId("<a@b> <c@d>"), "a@b");
  assert.equal(firstMessageId(" "), null);
  assert.equal(firstMessageId(undefined), null);
  const many = Array.from({ length: 5000 }, (_, i) => `<${i}>`);
  assert.deepEqual(messageIds(many.join(" ")), Array.from({ length: 1000 }, (_, i) => `${4000 + i}`));
});

Deno.test("threading columns of a message", () => {
  const { parsed } = look(mail(
    "Message-ID: <3@x>",
    "In-Reply-To: Your message of today <2@x> <9@x>",
    "References: <1@x>",
    " <2@x>",
    "Subject: =?utf-8?q?Re:_Gr=C3=BC=C3=9Fe?=",
    "",
    "",
  ));
  assert.deepEqual(
    [parsed.messageId, parsed.inReplyTo, parsed.references, parsed.baseSubject],
    ["3@x", "2@x", ["1@x", "2@x"], "Grüße"],
  );
});

function preview(...lines: string[]): string {
  return look(mail(...lines)).parsed.preview;
}

Deno.test("the preview is the beginning of the text, blanks collapsed (RFC 8970 §3.3)", () => {
  assert.equal(preview("", "  Hello,", "", "\tworld  !", ""), "Hello, world !");
  assert.equal(preview("", ""), "");
  assert.equal(preview("Content-Type: image/png", "", "x"), "");
});

Deno.test("the preview has at most 200 characters, none of them torn (RFC 8970 §3.3)", () => {
  assert.equal(preview("", "x".repeat(500)), "x".repeat(200));
  const emoji = unescape(encodeURIComponent("😀".repeat(300)));
  assert.equal(preview("Content-Type: text/plain; charset=utf-8", "", emoji), "😀".repeat(200));
});

Deno.test("the preview leaves out quotes and the signature, unless there is nothing else", () => {
  assert.equal(preview("", "> old", ">> older", "new", "-- ", "me"), "new");
  assert.equal(preview("", "> old", "> > older"), "old older");
});

Deno.test("the preview comes from the first text that has words, not from an attachment", () => {
  const parts = (...inner: string[]) => preview("Content-Type: multipart/mixed; boundary=b", "", ...inner, "--b--");
  assert.equal(parts("--b", "Content-Type: text/html", "", "<p>Hi <b>you</b></p>", "--b", "", "plain"), "Hi you");
  assert.equal(parts("--b", "Content-Disposition: attachment", "", "file", "--b", "", "plain"), "plain");
  assert.equal(parts("--b", "", "", "--b", "", "second"), "second");
  assert.equal(parts("--b", "Content-Type: message/rfc822", "", "Subject: s", "", "inner"), "inner");
});

Deno.test("the preview of HTML is its text, style sheets and invisible fillers left out", () => {
  const html = `<html><head><title>T</title><style>${
    "p{}".repeat(5000)
  }</style></head><body>&nbsp;&zwnj;&#8203;One&shy;two&nbsp;<br>three`;
  assert.equal(preview("Content-Type: text/html", "", html), "Onetwo three");
});
