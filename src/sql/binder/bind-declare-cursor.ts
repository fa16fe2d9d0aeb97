import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Query } from '../syntax/query-ast.ts';
import type { DeclareCursorStatement } from '../syntax/session-ast.ts';
import type { SelectOptions } from './bind-select.ts';
import type { BoundDeclareCursor, BoundQuery } from './bound-statement.ts';
import type { CursorRows } from './cursor-rows.ts';
import type { StatementBinding } from './statement-binding.ts';

const STRENGTHS = {
  'key share': 'FOR KEY SHARE',
  share: 'FOR SHARE',
  'no key update': 'FOR NO KEY UPDATE',
  update: 'FOR UPDATE',
} as const;

/** DECLARE … CURSOR. Throws 0A000 for what PostgreSQL has no cursors of. */
export function bindDeclareCursor(
  binding: StatementBinding,
  statement: DeclareCursorStatement,
  bindQuery: (query: Query, options: SelectOptions) => BoundQuery,
): BoundDeclareCursor {
  let rows: CursorRows | undefined;
  const noteRows = (found: CursorRows): void => {
    rows = found;
  };
  const query = bindQuery(statement.query, statement.query.kind === 'select' ? { noteRows } : {});
  if (query.with?.some((table) => 'modification' in table) === true) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      'DECLARE CURSOR must not contain data-modifying statements in WITH',
      { position: binding.statementTables.length > 0 ? 0 : undefined },
    );
  }
  checkLocking(statement);
  return { kind: 'declare-cursor', statement, query, rows };
}

function checkLocking({ query, isHold, isScroll, isInsensitive }: DeclareCursorStatement): void {
  const clause = query.kind === 'select' ? query.locking?.[0] : undefined;
  if (clause === undefined) return;
  const locking = STRENGTHS[clause.strength];
  if (isHold) {
    throw new SqlError(SqlState.FeatureNotSupported, `DECLARE CURSOR WITH HOLD ... ${locking} is not supported`, {
      detail: 'Holdable cursors must be READ ONLY.',
    });
  }
  if (isScroll === true) {
    throw new SqlError(SqlState.FeatureNotSupported, `DECLARE SCROLL CURSOR ... ${locking} is not supported`, {
      detail: 'Scrollable cursors must be READ ONLY.',
    });
  }
  if (isInsensitive) {
    throw new SqlError(SqlState.InvalidCursorDefinition, `DECLARE INSENSITIVE CURSOR ... ${locking} is not valid`, {
      detail: 'Insensitive cursors must be READ ONLY.',
    });
  }
}
