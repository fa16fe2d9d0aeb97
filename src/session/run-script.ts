import type { Batch } from '../columnar/batch.ts';
import type { StatementControl } from '../execution/statement-control.ts';
import type { ParsedStatement } from '../sql/syntax/parse-sql.ts';
import type { Portal } from './portal.ts';
import type { ResultColumn } from './result-column.ts';
import type { Session } from './session.ts';
import type { Completion } from './session-options.ts';

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
 * which an error rolls back as a whole. The caller catches the error, thrown or rejected, and calls `session.fail()`.
 * Undefined: the script is done.
 */
export function runScript(session: Session, text: string, receiver: ScriptReceiver): Promise<void> | undefined {
  session.noteMessage();
  const known = session.openKnown(text);
  if (known !== undefined) {
    const closing = closeUnnamed(session);
    if (closing === undefined) return runPortal(session, known, receiver, { isLast: true });
    return closing.then(() => runPortal(session, known, receiver, { isLast: true }));
  }
  const statements = session.parse(text);
  if (!(statements instanceof Promise) && statements.length === 1) {
    const closing = closeUnnamed(session);
    if (closing === undefined) return runPortal(session, session.open(statements[0], text), receiver, { isLast: true });
    return closing.then(() => runAll(session, text, statements, receiver));
  }
  return runAll(session, text, statements, receiver);
}

/** As in PostgreSQL, a script ends the life of the unnamed statement and portal. */
function closeUnnamed(session: Session): Promise<void> | undefined {
  session.closeStatement('');
  return session.closePortal('');
}

async function runAll(
  session: Session,
  text: string,
  parsed: readonly ParsedStatement[] | Promise<readonly ParsedStatement[]>,
  receiver: ScriptReceiver,
): Promise<void> {
  const statements = await parsed;
  if (statements.length > 1) session.noteScript();
  await closeUnnamed(session);
  if (statements.length === 0) receiver.empty();
  const script = statements.length === 1 ? text : undefined;
  for (const [index, statement] of statements.entries()) {
    await runPortal(session, session.open(statement, script), receiver, { isLast: index === statements.length - 1 });
  }
  if (statements.length === 0) await session.endMessage();
}

interface PortalRun {
  readonly isLast: boolean;
}

function runPortal(
  session: Session,
  portal: Portal,
  receiver: ScriptReceiver,
  run: PortalRun,
): Promise<void> | undefined {
  let completion: Completion | Promise<Completion>;
  try {
    receiver.begin(portal.columns, portal.resultFormats);
    completion = session.execute(portal, {
      maxRows: Number.POSITIVE_INFINITY,
      onRows: (batch) => receiver.rows(batch, portal.control),
    });
  } catch (error) {
    return closeAndThrow(portal, error);
  }
  if (completion instanceof Promise) return endPortal(session, portal, receiver, run, completion);
  const { tag } = completion;
  // The commit comes before the last acknowledgement: a client that saw INSERT 0 1 never loses the row.
  const ending = portal.close() ?? (run.isLast ? session.endMessage() : undefined);
  if (ending !== undefined)
    return endPortal(
      session,
      portal,
      receiver,
      run,
      ending.then(() => completion),
    );
  receiver.complete(tag);
  return undefined;
}

async function closeAndThrow(portal: Portal, error: unknown): Promise<never> {
  await portal.close();
  throw error;
}

async function endPortal(
  session: Session,
  portal: Portal,
  receiver: ScriptReceiver,
  { isLast }: PortalRun,
  executing: Promise<Completion>,
): Promise<void> {
  try {
    const { tag } = await executing;
    await portal.close();
    if (isLast) await session.endMessage();
    receiver.complete(tag);
  } finally {
    await portal.close();
  }
}
