import type { Statement } from '../sql/syntax/ast.ts';

/** What is no query may still change what the transaction is to be. Of plans that were kept there is no statement: they are queries. */
export function takesSnapshot(statement: Statement | undefined): boolean {
  switch (statement?.kind) {
    case 'set':
    case 'show':
    case 'transaction':
    case 'set-transaction':
    case 'savepoint':
      return false;
    default:
      return true;
  }
}

/** COMMIT, ROLLBACK and ROLLBACK TO: all that a failed block takes. */
export function endsFailure(statement: Statement): boolean {
  if (statement.kind === 'savepoint') return statement.action === 'rollback-to';
  return statement.kind === 'transaction' && statement.action !== 'begin';
}
