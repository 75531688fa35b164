import { clientSuite } from "./support/suite.ts";
import { runScript } from "./support/script.ts";

const test = clientSuite({
  name: "Mail::IMAPClient",
  programs: ["perl"],
  packages: "libmail-imapclient-perl libio-socket-ssl-perl libparse-recdescent-perl libdigest-hmac-perl",
  probe: [
    "perl",
    "-MMail::IMAPClient",
    "-MMail::IMAPClient::BodyStructure",
    "-MIO::Socket::SSL",
    "-MDigest::HMAC_MD5",
    "-e1",
  ],
});

for (
  const [part, title] of [
    ["login", "logs in each way it can, and is refused"],
    ["mailboxes", "makes, lists, renames, subscribes and deletes mailboxes"],
    ["messages", "appends, fetches, searches, flags, copies, moves and expunges"],
    ["structure", "parses BODYSTRUCTURE and ENVELOPE and fetches parts"],
    ["idle", "hears of new mail in IDLE"],
  ]
) {
  test(title, (scene) => runScript(scene, "perl", "imapclient.pl", part));
}
