import { CorruptionError } from '../errors/corruption-error.ts';

/** What to do about a directory that is too damaged to be started, said where nobody has said it yet. */
export function withWayOut(error: unknown, directory: string): unknown {
  if (!(error instanceof CorruptionError) || error.hint !== undefined) return error;
  const { message, file, offset } = error;
  return new CorruptionError(message, {
    cause: error,
    file,
    offset,
    hint:
      `"tidewire check ${directory}" lists the damage. Restore the directory from a backup; or start once with ` +
      '"tidewire serve --accept-loss", which keeps the damaged files aside and gives up what only they hold.',
  });
}
