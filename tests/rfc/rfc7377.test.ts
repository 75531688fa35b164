/** The examples of RFC 7377 (MULTISEARCH); both commands are sent at once, and answered one after the other. */
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("RFC 7377 §3: two searches of several mailboxes", async (t) => {
  const client = await t.login();
  const seen = { flags: ["\\Seen"] };
  await t.fill("folder1", [mail("chad"), { text: mail("chad 2"), ...seen }, mail("other")]);
  await t.fill("folder2", [{ text: mail("none"), ...seen }]);
  await t.fill("folder2/banana", [{ text: mail("read"), ...seen }, mail("ripe")]);
  await t.fill("folder2/peach", [mail("soft")]);
  await t.fill("folder2/salmon", [{ text: mail("chad 3"), ...seen }]);
  const [one, banana, peach, salmon] = await Promise.all(
    ["folder1", "folder2/banana", "folder2/peach", "folder2/salmon"].map((name) => t.uidvalidity(name)),
  );
  await client.exchange(`
    C: tag1 ESEARCH IN (mailboxes "folder1" subtree "folder2") unseen
    C: tag2 ESEARCH IN (mailboxes "folder1" subtree-one "folder2") subject "chad"
    S: * ESEARCH (TAG "tag1" MAILBOX folder1 UIDVALIDITY ${one}) UID ALL 1,3
    S: * ESEARCH (TAG "tag1" MAILBOX folder2/banana UIDVALIDITY ${banana}) UID ALL 2
    S: * ESEARCH (TAG "tag1" MAILBOX folder2/peach UIDVALIDITY ${peach}) UID ALL 1
    S: tag1 OK ...
    S: * ESEARCH (TAG "tag2" MAILBOX folder1 UIDVALIDITY ${one}) UID ALL 1:2
    S: * ESEARCH (TAG "tag2" MAILBOX folder2/salmon UIDVALIDITY ${salmon}) UID ALL 1
    S: tag2 OK ...
  `);
});

protocolTest("RFC 7377 §2: a rolling window of message numbers", async (t) => {
  const client = await t.login({ inbox: [mail("frobozz")] });
  await client.exchange(`
    C: tag0 SELECT INBOX
    S: tag0 OK ...
    C: tag1 UID ESEARCH SUBJECT "frobozz" 1:100
    S: * ESEARCH (TAG "tag1" MAILBOX INBOX UIDVALIDITY ${await t.uidvalidity("INBOX")}) UID ALL 1
    S: tag1 OK ...
    C: tag2 UID ESEARCH SUBJECT "frobozz" 101:200
    S: tag2 OK ...
  `);
});
