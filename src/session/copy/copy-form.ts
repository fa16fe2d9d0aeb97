import type { CopyFormat, CopyOption } from '../../copy/copy-format.ts';
import { readCopyOptions } from '../../copy/copy-options.ts';
import { notSupported } from '../../errors/sql-error.ts';
import { isServerEncoding } from '../../types/text-encoding.ts';
import type { StatementScope } from '../statement-scope.ts';

/** What the options of a COPY come to in a session: texts are in the client's encoding unless another is named. */
export function copyFormat(
  options: readonly CopyOption[],
  isFrom: boolean,
  { settings }: Pick<StatementScope, 'settings'>,
): CopyFormat {
  const { clientEncoding } = settings;
  const format = readCopyOptions(options, isFrom, clientEncoding);
  if (format.kind === 'binary' && !isServerEncoding(clientEncoding)) {
    throw notSupported(`COPY in binary with client_encoding ${clientEncoding}`);
  }
  return format;
}
