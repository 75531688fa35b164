import assert from "node:assert/strict";
import type { MailboxName } from "../../store/types.ts";
import { parseMessageUrl, UrlError, urlText } from "../../server/imap/wire/url.ts";
import { NoError } from "../../server/imap/errors.ts";

const base = "Work/Plans" as MailboxName;

Deno.test("URLs of messages and parts (RFC 5092 §11, RFC 4469 §3)", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["/INBOX/;UID=20", { mailbox: "INBOX", uid: 20 }],
    ["/inbox;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2", {
      mailbox: "INBOX",
      uidValidity: 385759045,
      uid: 20,
      section: "1.2",
    }],
    ["/Drafts;uidvalidity=1/;uid=4294967295/;section=HEADER", {
      mailbox: "Drafts",
      uidValidity: 1,
      uid: 4294967295,
      section: "HEADER",
    }],
    ["/A/B%20C/;UID=1/;PARTIAL=0.1024", { mailbox: "A/B C", uid: 1, partial: { offset: 0, count: 1024 } }],
    ["/A/;UID=1/;SECTION=TEXT/;PARTIAL=5", {
      mailbox: "A",
      uid: 1,
      section: "TEXT",
      partial: { offset: 5, count: undefined },
    }],
    ["/A/;UID=1/;SECTION=HEADER.FIELDS%20(To%20From)", { mailbox: "A", uid: 1, section: "HEADER.FIELDS (To From)" }],
    ["/Entw%C3%BCrfe/;UID=1", { mailbox: "Entwürfe", uid: 1 }],
    ["/a%3Bb%3F/;UID=1", { mailbox: "a;b?", uid: 1 }],
    [";UID=3", { mailbox: "Work/Plans", uid: 3 }],
    [";UID=3/;SECTION=2", { mailbox: "Work/Plans", uid: 3, section: "2" }],
    ["Other/;UID=3", { mailbox: "Work/Other", uid: 3 }],
  ];
  for (const [url, expected] of cases) {
    const known = Object.entries(parseMessageUrl(url, base)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(known), expected, url);
  }
});

Deno.test("what is no relative URL of a message is refused", () => {
  const urls = [
    "",
    "/",
    "/INBOX",
    "/INBOX/",
    "/INBOX;UIDVALIDITY=5",
    "/INBOX/;UID=0",
    "/INBOX/;UID=4294967296",
    "/INBOX/;UID=99999999999999999999",
    "/INBOX/;UID=",
    "/INBOX/;UID=x",
    "/INBOX/;UID=1/",
    "/INBOX/;UID=1/;SECTION=",
    "/INBOX/;UID=1/;PARTIAL=",
    "/INBOX/;UID=1/;PARTIAL=1.0",
    "/INBOX/;UID=1/;PARTIAL=1.2/;SECTION=1",
    "/INBOX;UIDVALIDITY=0/;UID=1",
    "/INBOX/;UID=1;URLAUTH=anonymous:internal:abc",
    "/INBOX?SUBJECT%20x",
    "/a b/;UID=1",
    "/a%2/;UID=1",
    "/a%zz/;UID=1",
    "/%FF/;UID=1",
    "//host/INBOX/;UID=1",
    "imap://alice@example.org/INBOX/;UID=1",
    "http://example.org/",
    "/INBOX/;UID=1\r\n",
  ];
  for (const url of urls) assert.throws(() => parseMessageUrl(url, base), UrlError, url);
  assert.throws(() => parseMessageUrl(";UID=1"), UrlError);
  for (const url of ["/;UID=1", "//;UID=1", "/../x/;UID=1", "/a//b/;UID=1"]) {
    assert.throws(() => parseMessageUrl(url), (error) => error instanceof NoError || error instanceof UrlError, url);
  }
});

Deno.test("hostile URLs take linear time", () => {
  const long = [
    ";UID=1/;SECTION=".repeat(6000),
    "/;UIDVALIDITY=1".repeat(6000),
    `/${"%41".repeat(30_000)}/;UID=1`,
    `/x;UIDVALIDITY=${"1".repeat(90_000)}`,
    `/x/;UID=1/;SECTION=${"/".repeat(90_000)}`,
  ];
  for (const url of long) assert.throws(() => parseMessageUrl(url));
});

Deno.test("a URL in a response code has no character that cannot be there (RFC 4469 §5)", () => {
  const bytes = new TextEncoder().encode('/a]\\b\r\nü "x"');
  assert.equal(urlText(bytes), '/a%5D%5Cb%0D%0A%C3%BC%20"x"'.replaceAll(" ", "%20"));
});
