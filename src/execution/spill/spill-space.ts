import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { SpillFile } from './spill-file.ts';
import type { TemporaryFiles } from './temporary-files.ts';

/** What one statement may put into temporary files: asked by its operators once memory is used up. */
export class SpillSpace {
  readonly #files: TemporaryFiles;
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(files: TemporaryFiles, limitBytes: number) {
    this.#files = files;
    this.#limitBytes = limitBytes;
  }

  /** A file for rows of these types; the operator that asks for it closes it. */
  async create(types: readonly SqlType[]): Promise<SpillFile> {
    return new SpillFile(await this.#files.create(), types, this);
  }

  /** Throws 53400 when the statement would pass its limit; then nothing is taken. */
  take(sizeBytes: number): void {
    if (this.#usedBytes + sizeBytes > this.#limitBytes) {
      const limit = `${Math.floor(this.#limitBytes / 1024)}kB`;
      throw new SqlError(SqlState.ConfigurationLimitExceeded, `temporary file size exceeds query-disk (${limit})`, {
        hint: 'Narrow the statement, or raise "query-disk" in the configuration.',
      });
    }
    this.#usedBytes += sizeBytes;
  }

  give(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
  }
}
