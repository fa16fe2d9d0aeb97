import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { RelationName } from '../syntax/located.ts';
import type { StatementBinding } from './statement-binding.ts';

/** A table of a WITH clause as the queries after it see it. */
export interface CommonTableEntry {
  readonly id: number;
  readonly name: string;
  /** undefined: INSERT, UPDATE or DELETE without RETURNING, which cannot be read. */
  readonly output: readonly OutputColumn[] | undefined;
  /** What gives its rows, where that is a query that does not read itself. */
  readonly plan?: LogicalPlan;
  /** Within a recursive query its name means the rows of the round before. */
  readonly isWorkingTable: boolean;
  /** The last columns, which a star within the recursive query leaves out. */
  readonly unexpandedCount?: number;
}

/** What is known of the tables of a WITH clause at some place, and of the clauses around it. */
export interface CommonTableScope {
  readonly entries: ReadonlyMap<string, CommonTableEntry>;
  /** Names of the clause that cannot be used yet: for messages. */
  readonly later: readonly string[];
  readonly outer: CommonTableScope | undefined;
}

/** The common table that a name means, if it means one: they come before tables and have no schema. */
export function findCommonTable(binding: StatementBinding, relation: RelationName): CommonTableEntry | undefined {
  if (relation.schema !== undefined) return undefined;
  for (let scope = binding.commonTables; scope !== undefined; scope = scope.outer) {
    const entry = scope.entries.get(relation.name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** The plan behind the scan of a common table that can be used here. */
export function planOfCommonTable(binding: StatementBinding, id: number): LogicalPlan | undefined {
  for (let scope = binding.commonTables; scope !== undefined; scope = scope.outer) {
    for (const entry of scope.entries.values()) if (entry.id === id) return entry.plan;
  }
  return undefined;
}

/** The error for a name that means nothing, where a WITH clause has a table of that name which cannot be used here. */
export function notYetDefined(
  binding: StatementBinding,
  { schema, name, position }: RelationName,
): SqlError | undefined {
  if (schema !== undefined) return undefined;
  for (let scope = binding.commonTables; scope !== undefined; scope = scope.outer) {
    if (!scope.later.includes(name)) continue;
    return new SqlError(SqlState.UndefinedTable, `relation "${name}" does not exist`, {
      position,
      detail: `There is a WITH item named "${name}", but it cannot be referenced from this part of the query.`,
      hint: 'Use WITH RECURSIVE, or re-order the WITH items to remove forward references.',
    });
  }
  return undefined;
}

/** The rows of a common table. Throws 0A000 for one that gives none. */
export function scanCommonTable({ id, name, output, isWorkingTable }: CommonTableEntry, position: number): LogicalPlan {
  if (output === undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, `WITH query "${name}" does not have a RETURNING clause`, {
      position,
    });
  }
  return { kind: isWorkingTable ? 'working-table' : 'cte-scan', id, name, columns: [...output.keys()], output };
}
