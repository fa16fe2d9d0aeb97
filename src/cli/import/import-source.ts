import type { Batch } from '../../columnar/batch.ts';
import type { SqlType } from '../../types/type-definition.ts';

export interface SourceColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** A file to import, whatever its format: its columns and its rows in batches. */
export interface ImportSource {
  readonly columns: readonly SourceColumn[];
  readonly rowCount: number;
  /** Throws ImportError when the file turns out to be damaged. */
  batches(): AsyncIterable<Batch>;
}

/** The file, or what was asked of it, does not fit: one sentence. Nothing was stored. */
export class ImportError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'ImportError';
    this.hint = hint;
  }
}
