/**
 * What owners do with junk, as verdicts on emails: what a classifier is to learn.
 *
 * An email is junk while it is in the mailbox with the special use \Junk, or has $Junk; it is not with $NotJunk, or when it was moved
 * out of there to any other mailbox but \Trash. What a classifier put into \Junk itself, it knows.
 */
import { Flag } from "../flags.ts";
import type { EmailId, ModSeq } from "../types.ts";
import type { Judgement, Judgements } from "../upkeep.ts";
import { changedSince } from "./changelog.ts";
import type { AccountDatabase } from "./database.ts";
import { rangesJson } from "./messages.ts";
import { loadAccount, loadMailboxes, type MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const LOOKED = sql("SELECT judged_modseq FROM account");
const SET_LOOKED = sql("UPDATE account SET judged_modseq = ?");
const CHANGED = sql(`SELECT m.email_id, m.flags, m.createseq > ?2, m.modseq, j.verdict
  FROM json_each(?4) r CROSS JOIN message m LEFT JOIN judged j ON j.email_id = m.email_id
  WHERE m.mailbox_id = ?1 AND m.uid BETWEEN r.value ->> 0 AND r.value ->> 1 AND m.modseq > ?2 AND m.modseq <= ?3`);
const SET = sql(
  "INSERT INTO judged (email_id, verdict) VALUES (?, ?) ON CONFLICT DO UPDATE SET verdict = excluded.verdict",
);
const FORGET = sql("DELETE FROM judged WHERE email_id = ?");

const JUNK = 1;
const MOVED_OUT = 2;
const NOT_JUNK = 3;

type Finding = Omit<Judgement, "email">;

/** Each email once, by its last change. @param since where nothing was looked at before, from here */
export function dueJudgements(db: AccountDatabase, since: ModSeq): Judgements {
  const looked = db.row<[number | null]>(LOOKED)?.[0] ?? since;
  const until = loadAccount(db).modseq;
  const latest = new Map<number, { modseq: number; finding: Finding | undefined }>();
  for (const mailbox of loadMailboxes(db)) {
    if (mailbox.modseq <= looked) continue;
    type Values = [number, number, number, number, number | null];
    const ranges = rangesJson(changedSince(db, mailbox, looked));
    for (const [email, word, isNew, modseq, known] of db.rows<Values>(CHANGED, mailbox.id, looked, until, ranges)) {
      if ((latest.get(email)?.modseq ?? 0) >= modseq) continue;
      latest.set(email, { modseq, finding: findingOf(mailbox, word, isNew === 1, known) });
    }
  }
  const judgements: Judgement[] = [];
  for (const [email, { finding }] of latest) if (finding) judgements.push({ email: email as EmailId, ...finding });
  return { judgements, from: looked as ModSeq, until: until as ModSeq };
}

/** undefined: nothing new. */
function findingOf(mailbox: MailboxRow, word: number, isNew: boolean, known: number | null): Finding | undefined {
  const uses = mailbox.specialUse.split(" ");
  const says = word & (Flag.Junk | Flag.NotJunk);
  if (says === Flag.NotJunk) return known === NOT_JUNK ? undefined : { verdict: "notjunk", byPlace: false };
  if (says === Flag.Junk) return known === JUNK ? undefined : { verdict: "junk", byPlace: false };
  if (uses.includes("junk")) return known === JUNK ? undefined : { verdict: "junk", byPlace: true };
  if (known === JUNK && isNew && !uses.includes("trash")) return { verdict: "notjunk", byPlace: true };
  const takenBack = known === NOT_JUNK || (known === JUNK && !isNew);
  return takenBack && !uses.includes("trash") ? { verdict: "forget", byPlace: false } : undefined;
}

/** Notes a verdict as told. */
export function judge({ db }: Transaction, { email, verdict, byPlace }: Judgement): void {
  if (verdict === "forget") db.run(FORGET, email);
  else db.run(SET, email, verdict === "junk" ? JUNK : byPlace ? MOVED_OUT : NOT_JUNK);
}

/** All changes up to here were looked at. */
export function judgedUntil({ db }: Transaction, until: ModSeq): void {
  db.run(SET_LOOKED, until);
}

/** A new message that no person put there: what its flags and its mailbox say of it is known already. */
export function knownAlready(tx: Transaction, mailbox: MailboxRow, email: number, word: number): void {
  const finding = findingOf(mailbox, word, true, null);
  if (finding) judge(tx, { email: email as EmailId, ...finding });
}
