/** Messages that a client can spoil: each with CRLF, one character a byte. */

/** A plain message with this subject. */
export function mail(subject: string, body = `This is ${subject}.\r\n`): string {
  return [
    "From: Alice <alice@example.org>",
    "To: Bob <bob@example.net>",
    `Subject: ${subject}`,
    "Date: Mon, 07 Feb 2022 21:52:25 -0800",
    `Message-ID: <${subject.replace(/[^A-Za-z0-9]/g, ".")}@example.org>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    body,
  ].join("\r\n");
}

const utf8 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

/** Lines that look like separators, dots and escapes. */
export const separators = mail(
  "separators",
  "From the start\r\n>From the middle\r\n.\r\n..\r\n\r\nFrom MAILER-DAEMON Mon Feb  7 21:52:25 2022\r\n* 1 FETCH (\r\n)\r\na1 OK\r\n",
);

/** 8-bit text in the body. */
export const eightBit = mail("eight bit", utf8("Grüße aus Köln, 東京, Ελλάδα 🐟\r\n"));

/** A multipart message with an attachment of every byte value and a long folded header. */
export const attachment = [
  "From: Alice <alice@example.org>",
  "To: bob@example.net",
  "Subject: attachment",
  "Date: Tue, 08 Feb 2022 10:00:00 +0100",
  "Message-ID: <attachment@example.org>",
  `References: ${Array.from({ length: 40 }, (_, i) => `<reference-${i}@example.org>`).join("\r\n ")}`,
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="=_boundary (1)"',
  "",
  "This is a multi-part message.",
  "--=_boundary (1)",
  "Content-Type: text/plain; charset=iso-8859-1",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "Gr=FC=DFe =3D\r\n",
  "--=_boundary (1)",
  "Content-Type: application/octet-stream; name=bytes.bin",
  "Content-Disposition: attachment; filename=bytes.bin",
  "Content-Transfer-Encoding: base64",
  "",
  ...(btoa(String.fromCharCode(...Array.from({ length: 1024 }, (_, i) => i % 256))).match(/.{1,76}/g) ?? []),
  "--=_boundary (1)--",
  "",
].join("\r\n");

/** All of them with their subjects. */
export const assorted: readonly (readonly [string, string])[] = [
  ["plain", mail("plain")],
  ["separators", separators],
  ["eight bit", eightBit],
  ["attachment", attachment],
];
