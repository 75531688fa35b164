/** Labels of Google Takeout's mbox files (`X-Gmail-Labels`) as flags and mailboxes. */

/** Labels that say what state a message is in, in English and German. */
const STATES: Readonly<Record<string, string>> = {
  opened: "\\Seen",
  geöffnet: "\\Seen",
  starred: "\\Flagged",
  markiert: "\\Flagged",
  important: "$Important",
  wichtig: "$Important",
};
const UNREAD = new Set(["unread", "ungelesen"]);
const ARCHIVED = new Set(["archived", "archiviert"]);

const MAILBOXES: Readonly<Record<string, string>> = {
  inbox: "INBOX",
  posteingang: "INBOX",
  sent: "Sent",
  gesendet: "Sent",
  draft: "Drafts",
  drafts: "Drafts",
  entwürfe: "Drafts",
  trash: "Trash",
  papierkorb: "Trash",
  spam: "Junk",
};

const MOST_LABELS = 1000;

/**
 * Every other label is a mailbox, `/` between its levels; tabs of the inbox ("Category Promotions") are keywords. A message without a
 * mailbox is in Archive. All but unread ones are seen.
 */
export function labelled(text: string): { flags: string[]; mailboxes: string[][] } {
  const flags = new Set<string>();
  const mailboxes = new Map<string, string[]>();
  let seen = true;
  for (const label of parseLabels(text)) {
    const key = label.normalize("NFC").toLowerCase();
    const category = /^category (.+)$/i.exec(label);
    if (UNREAD.has(key)) seen = false;
    else if (Object.hasOwn(STATES, key)) flags.add(STATES[key]);
    else if (category) flags.add(`Category-${category[1].replace(/\s+/g, "-")}`);
    else if (!ARCHIVED.has(key)) {
      const levels = Object.hasOwn(MAILBOXES, key) ? [MAILBOXES[key]] : label.split("/");
      mailboxes.set(levels.join("/"), levels);
    }
  }
  flags.delete("\\Seen");
  if (seen) flags.add("\\Seen");
  if (mailboxes.size === 0) mailboxes.set("Archive", ["Archive"]);
  return { flags: [...flags], mailboxes: [...mailboxes.values()] };
}

/** Comma separated, in quotes where a comma is in one; a doubled quote stands for one. */
export function parseLabels(text: string): string[] {
  const labels: string[] = [];
  let label = "";
  let quoted = false;
  const end = () => {
    const name = label.trim();
    if (name !== "" && labels.length < MOST_LABELS) labels.push(name);
    label = "";
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '"' && quoted && text[at + 1] === '"') label += text[++at];
    else if (unit === '"') quoted = !quoted;
    else if (unit === "," && !quoted) end();
    else label += unit;
  }
  end();
  return labels;
}
