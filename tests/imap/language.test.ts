import { protocolTest } from "../support/protocol.ts";

/** As the test client shows UTF-8: a character a byte. */
const utf8 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

protocolTest("LANGUAGE lists languages and changes that of texts (LANGUAGE, RFC 5255 §3.2)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A002 LANGUAGE MUL
    S: A002 NO unsupported language
    C: A003 LANGUAGE
    S: * LANGUAGE (EN DE i-default)
    S: A003 OK LANGUAGE done
    C: C001 LANGUAGE DE
    S: * LANGUAGE (DE)
    S: * NAMESPACE (("" "/")) (("Shared/" "/" "TRANSLATION" ("Geteilt/"))) NIL
    S: C001 OK ${utf8("LANGUAGE-Befehl ausgeführt")}
    C: C002 SELECT nowhere
    S: C002 NO [NONEXISTENT] Dieses Postfach gibt es nicht
    C: C003 NAMESPACE
    S: * NAMESPACE (("" "/")) (("Shared/" "/" "TRANSLATION" ("Geteilt/"))) NIL
    S: C003 OK ${utf8("NAMESPACE ausgeführt")}
    C: D001 LANGUAGE FR
    S: D001 NO ${utf8("Diese Sprache wird nicht unterstützt")}
    C: D002 LANGUAGE DE-IT
    S: * LANGUAGE (DE)
    S: * NAMESPACE ...
    S: D002 OK ...
    C: E001 LANGUAGE FR-CA EN-CA
    S: * LANGUAGE (EN)
    S: * NAMESPACE (("" "/")) (("Shared/" "/")) NIL
    S: E001 OK LANGUAGE done
    C: D003 LANGUAGE "default"
    S: * LANGUAGE (i-default)
    S: * NAMESPACE ...
    S: D003 OK ...
    C: F001 LANGUAGE (x)
    S: F001 BAD ...
  `);
});

protocolTest("LANGUAGE before login: texts about the login are in it (RFC 5255 §3.1)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a LANGUAGE de
    S: * LANGUAGE (DE)
    S: a OK ...
    C: b SELECT INBOX
    S: b BAD ...
    C: c LOGIN alice@example.org wrong
    S: c NO [AUTHENTICATIONFAILED] Benutzername oder Kennwort falsch
  `);
});
