import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { DeleteStatement } from '../syntax/data-modification-ast.ts';
import { bindFrom, bindTarget } from './bind-from.ts';
import { filter, keepFirst } from './bind-select.ts';
import { firstMatches } from './bind-update.ts';
import type { BoundDelete } from './bound-statement.ts';
import { bindRowChoice } from './cursor-rows.ts';
import { requireWritableTable } from './find-table.ts';
import { oldColumns } from './old-columns.ts';
import { remapScope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { bindReturning, withReturning } from './written-rows.ts';

/** USING → WHERE → names of the rows → one of each row's matches → RETURNING, which sees the old rows. */
export function bindDelete(binding: StatementBinding, statement: DeleteStatement): BoundDelete {
  const { relation, alias, position } = statement;
  binding.requireUsage(relation);
  const table = requireWritableTable(binding.context, relation, 'delete');
  const use = binding.use(tableTarget(table), Privilege.Delete, relation.schema);
  const target = bindTarget(binding, { kind: 'table', relation, alias, position }, use);
  const { plan, scope } = bindFrom(binding, statement.using, { statement, written: target });
  const chosen = bindRowChoice(binding, statement, { table, plan, scope });
  const { where, current } = chosen;

  const names = binding.context.rowNameColumns(table);
  const nameCount = names.length;
  const old = oldColumns(table, () => true);
  const keptCount = nameCount + old.length;
  const places = [...names, ...old, ...plan.output.keys()];
  const named: LogicalPlan = {
    kind: 'project',
    input: filter(plan, where),
    expressions: places.map((index): Expression => ({ kind: 'column', index, type: plan.output[index].type })),
    output: places.map((index) => plan.output[index]),
  };
  const rows = statement.using.length === 0 ? named : firstMatches(named, nameCount);
  if (statement.returning === undefined) {
    return {
      kind: 'delete',
      table,
      nameCount,
      oldColumns: old,
      source: keepFirst(rows, keptCount),
      returning: undefined,
      ...current,
    };
  }
  const items = bindReturning(
    binding,
    remapScope(scope, (index) => index + keptCount),
    statement.returning,
  );
  return { kind: 'delete', table, nameCount, oldColumns: old, ...withReturning(rows, keptCount, items), ...current };
}
