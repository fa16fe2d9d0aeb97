/** Where the damage is, and what the operator can do about it. */
export interface CorruptionDetails extends ErrorOptions {
  readonly file?: string | undefined;
  /** In bytes from the start of the file. */
  readonly offset?: number | undefined;
  readonly hint?: string | undefined;
}

/** Bytes on disk that fail their checksum or contradict their format. The message names the file and the place. */
export class CorruptionError extends Error {
  readonly file: string | undefined;
  readonly offset: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: CorruptionDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'CorruptionError';
    this.file = details.file;
    this.offset = details.offset;
    this.hint = details.hint;
  }
}
