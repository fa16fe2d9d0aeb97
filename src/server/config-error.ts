/** A mistake of the operator's: one sentence, and what to do about it. Ends the program with status 2. */
export class ConfigError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'ConfigError';
    this.hint = hint;
  }
}
