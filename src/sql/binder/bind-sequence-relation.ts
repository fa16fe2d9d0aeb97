import { sequenceTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { FromTable } from '../syntax/from-ast.ts';
import { type BoundFrom, relationOver } from './bind-from.ts';
import { bindQuery } from './bind-query.ts';
import { parseQuery } from './bind-view.ts';
import { findRelation } from './find-relation.ts';
import { scopeOf } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/**
 * A sequence in FROM, as pg_dump and older tools read it: a table of one row. How many values are logged ahead is nobody's
 * business but PostgreSQL's: there are none. Undefined where the name is no sequence's.
 */
export function bindSequenceRelation(
  binding: StatementBinding,
  { relation: name, alias }: FromTable,
): BoundFrom | undefined {
  const found = findRelation(binding.context, name);
  if (found?.kind !== 'sequence') return undefined;
  const { sequence } = found;
  const access = binding.use(sequenceTarget(sequence), Privilege.Select, name.schema);
  const query = parseQuery(
    `SELECT last_value, 0::bigint, is_called FROM pg_catalog.pg_get_sequence_data(${sequence.oid}::regclass)`,
  );
  const plan = binding.deeper(1, () => binding.within(undefined, () => bindQuery(binding, query)));
  const output = plan.output.map((column, at) => ({
    ...column,
    name: NAMES[at],
    tableOid: sequence.oid,
    columnNumber: at + 1,
  }));
  const expressions = output.map(({ type }, index) => ({ kind: 'column', index, type }) as const);
  const named: LogicalPlan = { kind: 'project', input: plan, expressions, output };
  const relation = relationOver(named, { name: sequence.name, alias, isHidden: [], isTable: true, access });
  return { plan: named, scope: scopeOf(relation) };
}

const NAMES = ['last_value', 'log_cnt', 'is_called'] as const;
