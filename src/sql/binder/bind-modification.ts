import type { DeleteStatement, InsertStatement, UpdateStatement } from '../syntax/data-modification-ast.ts';
import type { CommonTable } from '../syntax/query-ast.ts';
import { bindDelete } from './bind-delete.ts';
import { bindInsert } from './bind-insert.ts';
import { bindUpdate } from './bind-update.ts';
import { bindWith } from './bind-with.ts';
import type { BoundModification } from './bound-statement.ts';
import { mapPlans } from './modification-plans.ts';
import type { StatementBinding } from './statement-binding.ts';

export type ModificationStatement = InsertStatement | UpdateStatement | DeleteStatement;

export function isModification(statement: CommonTable['statement']): statement is ModificationStatement {
  return statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete';
}

/** INSERT, UPDATE or DELETE with what stands before it. `isTop`: it is the statement itself. */
export function bindModification(
  binding: StatementBinding,
  statement: ModificationStatement,
  { isTop }: { readonly isTop: boolean },
): BoundModification {
  const clause = statement.with;
  if (clause === undefined) return bindNamed(binding, statement);
  const { bound, over } = bindWith(binding, clause, { isTop, around: {} }, () => bindNamed(binding, statement));
  return mapPlans(bound, over);
}

function bindNamed(binding: StatementBinding, statement: ModificationStatement): BoundModification {
  const bound = bindBare(binding, statement);
  return statement.alias === undefined ? bound : { ...bound, alias: statement.alias.name };
}

function bindBare(binding: StatementBinding, statement: ModificationStatement): BoundModification {
  switch (statement.kind) {
    case 'insert':
      return bindInsert(binding, statement);
    case 'update':
      return bindUpdate(binding, statement);
    case 'delete':
      return bindDelete(binding, statement);
  }
}
