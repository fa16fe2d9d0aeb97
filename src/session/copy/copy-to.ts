import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { CopyEncoder } from '../../copy/copy-encoder.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { copyColumns } from '../../sql/binder/bind-copy.ts';
import type { CopyStatement } from '../../sql/syntax/copy-ast.ts';
import type { SelectStatement } from '../../sql/syntax/query-ast.ts';
import { planStatement } from '../plan-statement.ts';
import { runStatement } from '../run-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { copyFormat } from './copy-form.ts';
import { checkPlace, copyTarget } from './copy-place.ts';
import { checkForcedColumns, copiedTable } from './copy-table.ts';

type CopiedQuery = Extract<CopyStatement['source'], { kind: 'query' }>['query'];

/** COPY … TO: rows go out as they are made, no faster than they are taken. */
export async function copyTo(statement: CopyStatement, scope: StatementScope): Promise<CommandResult> {
  const { environment, settings, control } = scope;
  checkPlace(statement.place, scope, false);
  scope.block.enter();
  const { query, table } = queryOf(statement, scope);
  const planned = planStatement(query, undefined, environment, settings);
  const format = copyFormat(statement.options, false, scope);
  const { columns } = planned;
  invariant(columns !== undefined, 'what is copied has columns');
  checkForcedColumns(
    format,
    columns.map(({ name }) => name),
    table,
  );
  const target = await copyTarget(statement.place, scope);
  const run = runStatement(planned, () => planned, { ...scope, parameters: [] });
  try {
    target.begin({ isBinary: format.kind === 'binary', columnCount: columns.length });
    const { sink } = target;
    const { typeContext } = environment;
    const encoder = new CopyEncoder({ format, columns, typeContext, sink, pace: control });
    encoder.begin();
    let rowCount = 0;
    for (let batch = await run.next(); batch !== undefined; batch = await run.next()) {
      rowCount += batch.rowCount;
      const written = encoder.write(batch);
      if (written !== undefined) await written;
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    encoder.end();
    await target.end();
    return { tag: `COPY ${rowCount}` };
  } finally {
    await run.close();
    await target.close();
  }
}

interface Copied {
  readonly query: CopiedQuery;
  /** undefined: the statement names a query itself. */
  readonly table: TableDescriptor | undefined;
}

function queryOf({ source }: CopyStatement, { environment }: StatementScope): Copied {
  if (source.kind === 'table') {
    const { relation, columns } = source;
    const table = copiedTable(environment.bindContext(undefined), relation, false);
    const names = copyColumns(table, columns).map(({ name }) => name);
    return { query: selectOf({ ...relation, schema: table.schemaName, name: table.name }, names), table };
  }
  const { query } = source;
  const isChange = query.kind === 'insert' || query.kind === 'update' || query.kind === 'delete';
  if (isChange && query.returning === undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, 'COPY query must have a RETURNING clause');
  }
  return { query, table: undefined };
}

/** SELECT columns FROM table. */
function selectOf(
  relation: Extract<CopyStatement['source'], { kind: 'table' }>['relation'],
  names: readonly string[],
): SelectStatement {
  const position = 0;
  return {
    kind: 'select',
    distinct: 'none',
    targets: names.map((name) => ({
      alias: undefined,
      expression: { kind: 'column', qualifier: [], name, position },
      position,
    })),
    from: [{ kind: 'table', relation: { ...relation, position }, alias: undefined, position }],
    where: undefined,
    groupBy: [],
    having: undefined,
    values: undefined,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    position,
  };
}
