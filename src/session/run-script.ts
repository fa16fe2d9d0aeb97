import type { Batch } from '../columnar/batch.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { Portal } from './portal.ts';
import type { ResultColumn } from './result-column.ts';
import type { Session } from './session.ts';

/** Takes the results of a script, statement by statement. */
export interface ScriptReceiver {
  /** A statement begins; `columns` undefined: it gives no result at all. `formats`: those of a BINARY cursor. */
  begin(columns: readonly ResultColumn[] | undefined, formats: readonly number[]): void;
  /** `control` is the leash of the statement that gives them. */
  rows(batch: Batch, control: StatementControl): Promise<void> | undefined;
  /** Called once the statement is done, and for the last one committed. */
  complete(tag: string): void;
  /** The text held no statement. */
  empty(): void;
}

/**
 * Runs a text of any number of statements as PostgreSQL runs a Query message: outside a block they are one transaction,
 * which an error rolls back as a whole. The caller catches the error and calls `session.fail()`.
 */
export async function runScript(session: Session, text: string, receiver: ScriptReceiver): Promise<void> {
  session.noteMessage();
  const known = session.openKnown(text);
  if (known !== undefined) {
    // As in PostgreSQL, a script ends the life of the unnamed statement and portal.
    session.closeStatement('');
    await session.closePortal('');
    await runPortal(session, known, receiver, { isLast: true });
    return;
  }
  const statements = await session.parse(text);
  if (statements.length > 1) session.noteScript();
  session.closeStatement('');
  await session.closePortal('');
  if (statements.length === 0) receiver.empty();
  const script = statements.length === 1 ? text : undefined;
  for (const [index, parsed] of statements.entries()) {
    await runPortal(session, session.open(parsed, script), receiver, { isLast: index === statements.length - 1 });
  }
  if (statements.length === 0) await session.endMessage();
}

async function runPortal(
  session: Session,
  portal: Portal,
  receiver: ScriptReceiver,
  { isLast }: { readonly isLast: boolean },
): Promise<void> {
  try {
    receiver.begin(portal.columns, portal.resultFormats);
    const { tag } = await session.execute(portal, {
      maxRows: Number.POSITIVE_INFINITY,
      onRows: (batch) => receiver.rows(batch, portal.control),
    });
    await portal.close();
    // The commit comes before the last acknowledgement: a client that saw INSERT 0 1 never loses the row.
    if (isLast) await session.endMessage();
    receiver.complete(tag);
  } finally {
    await portal.close();
  }
}
