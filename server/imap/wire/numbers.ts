/** The bounds of the grammar's numbers (RFC 9051 §9). */

/** `number`, `nz-number`. */
export const MAX_UINT32 = 0xffff_ffff;
/** `number64`, `nz-number64`, `mod-sequence-value`: 63 bits. */
export const MAX_INT63 = 0x7fff_ffff_ffff_ffffn;
