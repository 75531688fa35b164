/** The examples of RFC 5255 (LANGUAGE and COMPARATOR), in the languages and collations that there are here. */
import { protocolTest } from "../support/protocol.ts";

protocolTest("RFC 5255 §3.2: languages", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: A001 LOGIN alice@example.org secret
    S: A001 OK ...
    C: A002 LANGUAGE MUL
    S: A002 NO unsupported language
    C: A003 LANGUAGE
    S: * LANGUAGE (EN DE i-default)
    S: A003 OK ...
    C: C001 LANGUAGE DE
    S: * LANGUAGE (DE)
    S: * NAMESPACE (("" "/")) (("Shared/" "/" "TRANSLATION" ("Geteilt/"))) NIL
    S: C001 OK LANGUAGE-Befehl ...
    C: D001 LANGUAGE FR
    S: D001 NO Diese Sprache ...
    C: E001 LANGUAGE FR-CA EN-CA
    S: * LANGUAGE (EN)
    S: * NAMESPACE ...
    S: E001 OK ...
  `);
});

protocolTest("RFC 5255 §4.7: the first comparator that is supported", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A001 COMPARATOR "cz;*" i;octet
    S: * COMPARATOR i;octet
    S: A001 OK ...
  `);
});
