import { Privilege } from '../../catalog/access/acl.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LockStrength, RowMark } from '../plan/lock-rows-node.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { FromItem, FromTable } from '../syntax/from-ast.ts';
import type { LockingClause, SelectStatement } from '../syntax/query-ast.ts';
import { findCommonTable } from './common-table.ts';
import { findTable, findView } from './find-table.ts';
import type { Relation, Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

const STRENGTHS: readonly LockStrength[] = ['key share', 'share', 'no key update', 'update'];
const POLICIES: readonly LockingClause['policy'][] = ['wait', 'skip', 'nowait'];

/** The hidden column with the id of a row. */
const ROW_ID = 'tidewire.row';

/** A name in FROM that a clause can mean. */
interface Item {
  readonly name: string;
  readonly kind: 'table' | 'subquery' | 'view' | 'function' | 'join' | 'WITH query';
  /** Of a table of the database. */
  readonly table?: TableDescriptor;
  readonly lockSlot?: number;
}

/** What a query has that no single row of a table stands behind. */
export interface LockingObstacles {
  readonly isGrouped: boolean;
  readonly hasAggregates: boolean;
  readonly hasWindows: boolean;
  readonly hasSets: boolean;
}

/** FOR UPDATE, FOR SHARE and their like in one query. */
export class Locking {
  readonly #clauses: readonly LockingClause[];
  readonly #items: Item[] = [];
  /** The items of FROM: tables have a slot each, and subqueries the clauses that are about them. */
  readonly from: readonly FromItem[];

  constructor(binding: StatementBinding, statement: SelectStatement, clauses: readonly LockingClause[]) {
    if (binding.record !== undefined) throw notSupported('FOR UPDATE or FOR SHARE in a view', statement.position);
    this.#clauses = clauses;
    this.from = statement.from.map((item) => this.#mark(binding, item));
  }

  /** Throws 0A000 where rows of the result are not rows of a table each, 42P01 for a table that is not there. */
  check(statement: SelectStatement, { isGrouped, hasAggregates, hasWindows, hasSets }: LockingObstacles): void {
    for (const { strength, tables } of this.#clauses) {
      const words = wordsOf(strength);
      const obstacles: readonly (readonly [isThere: boolean, what: string])[] = [
        [statement.distinct !== 'none', 'DISTINCT clause'],
        [isGrouped, 'GROUP BY clause'],
        [statement.having !== undefined, 'HAVING clause'],
        [hasAggregates, 'aggregate functions'],
        [hasWindows, 'window functions'],
        [hasSets, 'set-returning functions in the target list'],
      ];
      for (const [isThere, what] of obstacles) {
        if (isThere) throw new SqlError(SqlState.FeatureNotSupported, `${words} is not allowed with ${what}`);
      }
      for (const { name, position } of tables) {
        const item = this.#items.find((candidate) => candidate.name === name);
        if (item === undefined) {
          const message = `relation "${name}" in ${words} clause not found in FROM clause`;
          throw new SqlError(SqlState.UndefinedTable, message, { position });
        }
        if (item.kind === 'table' || item.kind === 'subquery') continue;
        if (item.kind === 'view') throw notSupported(`${words} of a view`, position);
        const what = item.kind === 'WITH query' ? 'a WITH query' : `a ${item.kind}`;
        throw new SqlError(SqlState.FeatureNotSupported, `${words} cannot be applied to ${what}`, { position });
      }
      if (tables.length === 0 && this.#items.some(({ kind }) => kind === 'view')) {
        throw notSupported(`${words} of a view`, statement.position);
      }
    }
  }

  /** The row ids that the rows of the query are to carry, over FROM. */
  columns(scope: Scope): readonly Expression[] {
    return this.#locked(scope).map(({ relation }) => rowIdOf(relation));
  }

  /** The rows once they are locked; their ids stand in the columns from `firstColumn` on. */
  over(
    input: LogicalPlan,
    scope: Scope,
    firstColumn: number,
    { isLimited }: { readonly isLimited: boolean },
  ): LogicalPlan {
    const marks = this.#locked(scope).map(
      ({ table, lockSlot, strength, policy }, at): RowMark => ({
        table,
        lockSlot,
        rowIdColumn: firstColumn + at,
        strength,
        policy,
      }),
    );
    if (marks.every(({ strength }) => strength === undefined)) return input;
    return { kind: 'lock-rows', input, marks, isLimited, output: input.output };
  }

  /** All plain tables, and how those of them that a clause means are locked. */
  #locked(scope: Scope) {
    return this.#items.flatMap(({ name, table, lockSlot }) => {
      if (table === undefined || lockSlot === undefined) return [];
      const clauses = this.#clauses.filter(
        ({ tables }) => tables.length === 0 || tables.some((wanted) => wanted.name === name),
      );
      const strength = STRENGTHS[Math.max(-1, ...clauses.map((clause) => STRENGTHS.indexOf(clause.strength)))];
      const policy = POLICIES[Math.max(0, ...clauses.map((clause) => POLICIES.indexOf(clause.policy)))];
      const relation = scope.relations.find((candidate) => candidate.name === name && candidate.table === table);
      if (strength !== undefined) refuse(table, relation, wordsOf(strength));
      if (strength !== undefined) relation?.columns[0]?.access?.require(Privilege.Update);
      if (relation === undefined || table.timeSeries !== undefined || table.kind !== 'table') return [];
      return [{ table, lockSlot, relation, strength, policy }];
    });
  }

  #mark(binding: StatementBinding, item: FromItem): FromItem {
    switch (item.kind) {
      case 'table':
        return this.#markTable(binding, item);
      case 'subquery': {
        const name = item.alias?.name ?? '';
        this.#items.push({ name, kind: 'subquery' });
        const clauses = this.#clauses
          .filter(({ tables }) => tables.length === 0 || tables.some((wanted) => wanted.name === name))
          .map((clause) => ({ ...clause, tables: [] }));
        const { query } = item;
        if (clauses.length === 0 || (query.kind === 'select' && query.values !== undefined)) return item;
        if (query.kind === 'set-operation') throw notOfSetOperation(clauses[0].strength);
        return { ...item, query: { ...query, locking: [...(query.locking ?? []), ...clauses] } };
      }
      case 'function':
        if (item.alias !== undefined) this.#items.push({ name: item.alias.name, kind: 'function' });
        return item;
      case 'join': {
        if (item.alias !== undefined) this.#items.push({ name: item.alias.name, kind: 'join' });
        return { ...item, left: this.#mark(binding, item.left), right: this.#mark(binding, item.right) };
      }
    }
  }

  #markTable(binding: StatementBinding, item: FromTable): FromItem {
    const { relation } = item;
    const name = item.alias?.name ?? relation.name;
    if (findCommonTable(binding, relation) !== undefined) {
      this.#items.push({ name, kind: 'WITH query' });
      return item;
    }
    if (findView(binding.context, relation) !== undefined) {
      this.#items.push({ name, kind: 'view' });
      return item;
    }
    const table = findTable(binding.context, relation);
    if (table === undefined) return item;
    const lockSlot = binding.nextSlot();
    this.#items.push({ name: item.alias?.name ?? table.name, kind: 'table', table, lockSlot });
    return { ...item, lockSlot };
  }
}

export function notOfSetOperation(strength: LockStrength): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, `${wordsOf(strength)} is not allowed with UNION/INTERSECT/EXCEPT`);
}

export function notOfValues(strength: LockStrength): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, `${wordsOf(strength)} cannot be applied to VALUES`);
}

function refuse(table: TableDescriptor, relation: Relation | undefined, words: string): void {
  if (table.kind !== 'table') throw notSupported(`${words} of a system catalog`);
  if (table.timeSeries !== undefined) {
    const hint = 'Rows of time-series tables are not locked one by one: UPDATE and DELETE lock the table.';
    throw notSupported(`${words} of a time-series table`, 0, hint);
  }
  if (relation === undefined) throw notSupported(`${words} of a table within a join that has an alias`);
  if (relation.isNullable === true) {
    const message = `${words} cannot be applied to the nullable side of an outer join`;
    throw new SqlError(SqlState.FeatureNotSupported, message);
  }
}

function wordsOf(strength: LockStrength): string {
  return `FOR ${strength.toUpperCase()}`;
}

function rowIdOf({ columns }: Relation): Expression {
  const column = columns.find(({ name, isHidden }) => name === ROW_ID && isHidden);
  if (column === undefined) throw notSupported('locking rows without an id');
  return column.expression;
}
