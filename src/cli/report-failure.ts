import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { ConfigError } from '../server/config-error.ts';
import { ImportError } from './import/import-source.ts';

/** Prints why a command failed, in one sentence and with a hint where there is one, and sets the exit status. */
export function reportFailure(error: unknown): void {
  const isKnown =
    error instanceof ConfigError ||
    error instanceof ImportError ||
    error instanceof SqlError ||
    error instanceof CorruptionError;
  if (!isKnown) {
    process.stderr.write(`tidewire: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 70;
    return;
  }
  process.stderr.write(`tidewire: ${error.message}\n`);
  const hint =
    error instanceof SqlError ? error.fields.hint : error instanceof CorruptionError ? undefined : error.hint;
  if (hint !== undefined) process.stderr.write(`hint: ${hint}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
