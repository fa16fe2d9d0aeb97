import type { Batch } from '../columnar/batch.ts';
import type { ResultColumn } from '../session/result-column.ts';
import { runScript } from '../session/run-script.ts';
import type { Session } from '../session/session.ts';
import type { BackendWriter } from './backend-writer.ts';
import type { QueryMessage } from './frontend-message.ts';
import { type Pace, RowEncoder } from './row-encoder.ts';

/**
 * A Query message: any number of statements, all results in text but those of BINARY cursors. ReadyForQuery is the caller's.
 * Undefined where it is done already.
 */
export function simpleQuery(session: Session, message: QueryMessage, out: BackendWriter): Promise<void> | undefined {
  let columns: readonly ResultColumn[] = [];
  let formats: readonly number[] = [];
  let encoder: RowEncoder | undefined;
  return runScript(session, message.text, {
    begin(described, describedFormats) {
      encoder = undefined;
      columns = described ?? [];
      formats = describedFormats;
      if (described !== undefined) out.rowDescription(described, formats);
    },
    rows(batch: Batch, pace: Pace) {
      encoder ??= new RowEncoder(columns, formats, session.typeContext, pace, session.settings.clientEncoding);
      return encoder.write(batch, out);
    },
    complete: (tag) => out.commandComplete(tag),
    empty: () => out.emptyQueryResponse(),
  });
}
