import assert from "node:assert/strict";
import { Lane } from "./lane.ts";
import { after, bytesOf, difference, type Place, tokenOf, type World } from "./world.ts";

const place = (mailbox: string, uid: number | undefined, token: string, flags = ""): Place => ({
  mailbox,
  uid,
  token,
  flags,
});

const TWO: World = [place("INBOX", 1, "a-1-200"), place("INBOX", 2, "a-2-200", "\\Deleted")];

Deno.test("a token's bytes are its message, of its size, and no other's", () => {
  for (const token of ["a-1-200", "a-2-200", "a-3-150000"]) {
    const bytes = bytesOf(token);
    assert.equal(bytes.length, Number(token.split("-")[2]));
    assert.equal(tokenOf(bytes), token);
    bytes[bytes.length - 3] ^= 1;
    assert.throws(() => tokenOf(bytes));
  }
});

Deno.test("operations change the world as IMAP says", () => {
  const moved = after(TWO, { kind: "move", from: "INBOX", uids: [1], to: "Archive" }, [9]);
  assert.deepEqual(moved, [TWO[1], place("Archive", 9, "a-1-200")]);
  const expunged = after(TWO, { kind: "expunge", mailbox: "INBOX", uids: [1] });
  assert.deepEqual(expunged, TWO);
  assert.deepEqual(after(TWO, { kind: "expunge", mailbox: "INBOX" }), [TWO[0]]);
  const flagged = after(TWO, { kind: "flags", mailbox: "INBOX", uids: [1, 2], mode: "add", flags: ["\\Seen"] });
  assert.deepEqual(flagged.map(({ flags }) => flags), ["\\Seen", "\\Deleted \\Seen"]);
});

Deno.test("what is lost, doubled, half done or flagged otherwise is a difference", () => {
  assert.equal(difference(TWO, TWO), undefined);
  assert.match(difference(TWO, [TWO[0]]) ?? "", /lost/);
  assert.match(difference(TWO, [...TWO, place("Archive", 1, "a-1-200")]) ?? "", /not expected/);
  assert.match(difference(TWO, [TWO[0], place("INBOX", 2, "a-2-200")]) ?? "", /other flags/);
  assert.match(difference(TWO, [TWO[0], place("INBOX", 2, "a-3-200")]) ?? "", /lost/);
  assert.match(difference([place("INBOX", undefined, "a-4-200")], []) ?? "", /missing/);
  assert.equal(difference([place("INBOX", undefined, "a-4-200")], [place("INBOX", 3, "a-4-200")]), undefined);
});

Deno.test("unanswered commands may be done in their order, each wholly or not at all", () => {
  const messages = [{ token: "a-3-200", flags: [] }, { token: "a-4-200", flags: [] }];
  const appended = [place("INBOX", 3, "a-3-200"), place("INBOX", 4, "a-4-200")];
  const settle = (found: World) => {
    const lane = new Lane("a", ["INBOX", "Archive"], "Archive");
    lane.load({ world: TWO, count: 4 });
    lane.inFlight = [{ kind: "append", to: "INBOX", messages }, {
      kind: "move",
      from: "INBOX",
      uids: [1, 2],
      to: "Archive",
    }];
    return lane.settle(found);
  };
  const moved = [place("Archive", 1, "a-1-200"), place("Archive", 2, "a-2-200", "\\Deleted")];
  assert.equal(settle(TWO), 0);
  assert.equal(settle([...TWO, ...appended]), 1);
  assert.equal(settle([...appended, ...moved]), 2);
  assert.throws(() => settle([...TWO, appended[0]]));
  assert.throws(() => settle(moved));
  assert.throws(() => settle([...TWO, ...appended, ...moved]));
  assert.throws(() => settle([TWO[1], ...appended, moved[0]]));
});
