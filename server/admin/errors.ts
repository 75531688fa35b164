/** What went wrong, for the person at the terminal: one clear line, no stack. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  /** `exitCode`: 1; 2 where the command was called wrongly; 75 (EX_TEMPFAIL) where a mail server should try again. */
  constructor(message: string, readonly exitCode: number = 1) {
    super(message);
  }
}
