import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { ValuesNode } from '../plan/values-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { SelectStatement } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { bindResultFrame } from './bind-result-frame.ts';
import type { SelectOptions } from './bind-select.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { emptyScope, type Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

const RELATION_NAME = '*VALUES*';

/** VALUES as a query: columns column1, column2 …, each of the type that all its items can become. */
export function bindValues(
  binding: StatementBinding,
  statement: SelectStatement,
  { outer }: SelectOptions,
): LogicalPlan {
  const rows = statement.values ?? [];
  const plan = valuesNode(binding, rows, { ...emptyScope, outer });
  binding.record?.values.set(statement, plan);
  return bindResultFrame(binding, plan, statement, { relationName: RELATION_NAME, outer });
}

/** Throws 42601 at the first list that is not as long as the first one. */
export function checkRowLengths(rows: readonly (readonly SyntaxExpression[])[]): void {
  for (const row of rows) checkRowLength(row, rows[0]);
}

function checkRowLength(row: readonly SyntaxExpression[], first: readonly SyntaxExpression[]): void {
  if (row.length === first.length) return;
  throw new SqlError(SqlState.SyntaxError, 'VALUES lists must all be the same length', { position: startOf(row[0]) });
}

function valuesNode(
  binding: StatementBinding,
  rows: readonly (readonly SyntaxExpression[])[],
  scope: Scope,
): ValuesNode {
  const context = { ...constantContext(binding, 'VALUES'), scope };
  const operands = rows.map((row) => {
    const items = row.map((item) => bindOperand(context, item));
    checkRowLength(row, rows[0]);
    return items;
  });
  const columns: Expression[][] = [];
  const output: OutputColumn[] = [];
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const items = operands.map((row) => row[column]);
    const type = commonTypeOf(items, 'VALUES');
    columns.push(coerceToCommon(binding, items, type, 'VALUES'));
    output.push({ name: `column${column + 1}`, type, tableOid: 0, columnNumber: 0 });
  }
  return { kind: 'values', rows: rows.map((_, row) => columns.map((column) => column[row])), output };
}
