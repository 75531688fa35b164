import { nonexistent, notPermitted, type Place, placeOf } from "../access.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { isShared, mayAnnotate, type MetadataName, parseEntry, parseMetadataName } from "../metadata.ts";
import { isFilter, isFilterEntry } from "../search/filters.ts";
import type { Decoder } from "../wire/decoder.ts";

interface Change {
  readonly entry: string;
  /** null removes the entry. */
  readonly value: Uint8Array | null;
}

/** All entries or none. Shared entries of the server are the administrator's (RFC 5464 §3.3). */
export const setMetadata = defineCommand<{ name: MetadataName; changes: readonly Change[] }>({
  name: "SETMETADATA",
  states: LOGGED_IN,
  rfc: "5464 §4.3",
  parse(d) {
    d.sp();
    const name = parseMetadataName(d);
    d.sp();
    const changes = d.list(() => {
      const entry = settable(parseEntry(d));
      d.sp();
      const value = parseValue(d);
      if (name === null && value && isFilterEntry(entry) && !isFilter(value)) {
        throw new NoError(undefined, "the value of a filter must be search keys");
      }
      return { entry, value };
    });
    if (changes.length === 0) throw new BadError(undefined, "an entry is missing");
    return { name, changes };
  },
  async run(context, { name, changes }) {
    const { mail, session } = context;
    const shared = changes.some(({ entry }) => isShared(entry));
    if (name === null) {
      if (shared) throw notPermitted("shared entries of the server are set by its administrator");
      session.metadata.made(await mail.setAnnotations(null, changes));
      return;
    }
    const place: Place = await placeOf(context, name);
    if (!place.mailbox || !mayAnnotate(place)) throw nonexistent();
    // Others see a shared entry: it takes the right to change what others see.
    if (shared && !place.rights.has("w")) throw notPermitted('shared entries need the right "w"');
    session.metadata.made(await place.mail.setAnnotations(place.mailbox.id, changes));
  },
});

/** At least two components, four below a vendor's (RFC 5464 §3.2). */
function settable(entry: string): string {
  const components = entry.split("/").length - 1;
  if (components < (/^\/[a-z]+\/vendor(\/|$)/.test(entry) ? 4 : 2)) {
    throw new BadError(undefined, "an entry name has two components or more, below vendor four");
  }
  return entry;
}

/** `nstring / literal8`. */
function parseValue(d: Decoder): Uint8Array | null {
  if (!d.literalIsNext()) return d.nstring();
  const { bytes } = d.literal();
  if (!bytes) throw new BadError(undefined, "a value was expected");
  return bytes;
}
