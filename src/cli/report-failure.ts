import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError } from '../errors/sql-error.ts';
import { systemErrorText } from '../platform/system-error.ts';
import { ConfigError } from '../server/config-error.ts';
import { ImportError } from './import/import-source.ts';

/** Prints why a command failed, in one sentence and with a hint where there is one, and sets the exit status. */
export function reportFailure(error: unknown): void {
  const cause = systemFailure(error);
  if (cause !== undefined) {
    process.stderr.write(`tidewire: ${cause}\n`);
    process.exitCode = 1;
    return;
  }
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
  const hint = error instanceof SqlError ? error.fields.hint : error.hint;
  if (hint !== undefined) process.stderr.write(`hint: ${hint}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

/** What the operating system refused, and for which file: no bug of ours. */
function systemFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  const path = 'path' in error ? ` "${String(error.path)}"` : '';
  return `could not ${String(error.syscall)}${path}: ${systemErrorText(error)}`;
}
