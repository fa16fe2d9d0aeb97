import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { ApplyNode, JoinNode } from '../plan/join-nodes.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { ScanNode } from '../plan/scan-node.ts';
import type { FromItem, FromSubquery, FromTable } from '../syntax/from-ast.ts';
import type { Alias } from '../syntax/located.ts';
import { bindFromFunction } from './bind-from-function.ts';
import { bindJoin } from './bind-join.ts';
import { bindQuery } from './bind-query.ts';
import { bindSequenceRelation } from './bind-sequence-relation.ts';
import { bindView } from './bind-view.ts';
import { findCommonTable, notYetDefined, scanCommonTable } from './common-table.ts';
import { findTable, findView, undefinedTable } from './find-table.ts';
import { type LevelOptions, OuterLevel } from './outer-level.ts';
import type { RelationAccess } from './relation-access.ts';
import { emptyScope, joinScopes, type Relation, type Scope, type ScopeColumn, scopeOf, shiftScope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

const MAX_JOINED_COLUMNS = 16_384;

/** Rows, and the names by which their columns can be referred to. */
export interface BoundFrom {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

/** What lies around an item of FROM. */
export interface Surroundings {
  /** Around the whole query, visible to everything in it. */
  readonly outer: OuterLevel | undefined;
  /** To the left of the item: visible to LATERAL items and functions. It leads on to `outer`. */
  readonly lateral: OuterLevel | undefined;
  /** The statement that the FROM clause is part of. */
  readonly statement: object;
}

interface FromOptions {
  /** What the FROM clause is part of: it tells which relations are asked for as whole rows. */
  readonly statement: object;
  /** The table of an UPDATE or DELETE, which stands before the items without being visible to them. */
  readonly written?: BoundFrom | undefined;
  readonly outer?: OuterLevel | undefined;
}

/** A FROM clause; without items, one row of no columns. A comma is a cross join. */
export function bindFrom(
  binding: StatementBinding,
  items: readonly FromItem[],
  { statement, written, outer }: FromOptions,
): BoundFrom {
  // A list of tables becomes joins within joins, as deep as the list is long.
  return binding.deeper(items.length, () => {
    let bound = written;
    // The written table is known to messages alone.
    const target = written && lateralLevel(binding, written.scope, outer, { isBarred: true, isTarget: true });
    for (const item of items) {
      if (bound === undefined) {
        bound = bindFromItem(binding, item, { outer, lateral: outer, statement });
        continue;
      }
      const lateral =
        bound === written
          ? target
          : lateralLevel(binding, without(bound.scope, written?.scope), target ?? outer, {
              goesOnLeft: target !== undefined,
            });
      const next = bindFromItem(binding, item, { outer, lateral: lateral ?? outer, statement });
      bound = beside(bound, next, lateral);
    }
    const result = bound ?? { plan: { kind: 'values', rows: [[]], output: [] }, scope: emptyScope };
    return { plan: result.plan, scope: { ...result.scope, outer } };
  });
}

/** The names of the items alone, without those of the table that stands first. */
function without(scope: Scope, written: Scope | undefined): Scope {
  if (written === undefined) return scope;
  return {
    ...scope,
    relations: scope.relations.slice(written.relations.length),
    columns: scope.columns.slice(written.columns.length),
  };
}

/** One item. */
export function bindFromItem(binding: StatementBinding, item: FromItem, around: Surroundings): BoundFrom {
  const bound = named(item, bindItem(binding, item, around));
  binding.record?.from.set(item, bound);
  // A join without a name has nothing that messages could speak of.
  if (item.kind !== 'join' || item.alias !== undefined) binding.rangeTable.add(bound.scope.relations[0]);
  return bound;
}

/** A relation that knows which item it is. */
function named(item: FromItem, bound: BoundFrom): BoundFrom {
  if (item.kind === 'join' && item.alias === undefined) return bound;
  const { scope } = bound;
  return { ...bound, scope: { ...scope, relations: [{ ...scope.relations[0], item }] } };
}

function bindItem(binding: StatementBinding, item: FromItem, around: Surroundings): BoundFrom {
  switch (item.kind) {
    case 'table':
      return bindNamed(binding, item);
    case 'subquery':
      return bindSubquery(binding, item, around);
    case 'function':
      return bindFromFunction(binding, item, around);
    case 'join':
      return binding.deeper(1, () => bindJoin(binding, item, around));
  }
}

/** The names of `scope` for what stands to the right of it. */
export function lateralLevel(
  binding: StatementBinding,
  scope: Scope,
  beyond: OuterLevel | undefined,
  { goesOnLeft = false, isBarred = false, isTarget = false }: Omit<LevelOptions, 'isLateral'> = {},
): OuterLevel {
  const context = {
    binding,
    scope: { ...scope, outer: beyond },
    clause: 'FROM clause of their own query level',
    aggregates: undefined,
  } as const;
  return new OuterLevel(context, { isLateral: true, goesOnLeft, isBarred, isTarget });
}

/** Every row of the left with every row of the right, which may depend on the left one. */
function beside(left: BoundFrom, right: BoundFrom, lateral: OuterLevel | undefined): BoundFrom {
  return {
    plan: joinNode('inner', left.plan, right.plan, undefined, lateral),
    scope: joinScopes(left.scope, besides(left, right)),
  };
}

/** Throws 54011 when the joined rows would be wider than anyone means. */
export function joinNode(
  type: JoinNode['type'],
  left: LogicalPlan,
  right: LogicalPlan,
  condition: Expression | undefined,
  lateral: OuterLevel | undefined,
): JoinNode | ApplyNode {
  const output = [...left.output, ...right.output];
  if (output.length > MAX_JOINED_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `joined tables can have at most ${MAX_JOINED_COLUMNS} columns`);
  }
  if (lateral === undefined || lateral.bindings.length === 0) {
    return { kind: 'join', type, left, right, equalities: [], condition, output };
  }
  const { bindings, isVolatile } = lateral;
  const kind = type === 'left' ? 'left' : 'inner';
  return { kind: 'apply', type: kind, left, right, bindings, isVolatile, condition, output };
}

/** The right side's names over the joined rows. Throws 42712 when both sides have a table of one name. */
export function besides(left: BoundFrom, right: BoundFrom): Scope {
  for (const relation of right.scope.relations) {
    const isTaken = left.scope.relations.some(
      (other) =>
        other.name === relation.name &&
        // The same name in two schemas is two names, unless an alias hides the schema.
        (other.isAliased || relation.isAliased || other.table?.oid === relation.table?.oid),
    );
    if (isTaken) {
      throw new SqlError(SqlState.DuplicateAlias, `table name "${relation.name}" specified more than once`);
    }
  }
  return shiftScope(right.scope, left.plan.output.length);
}

/** A name in FROM: a common table before a table of the database. */
function bindNamed(binding: StatementBinding, item: FromTable): BoundFrom {
  const { relation, alias } = item;
  const common = findCommonTable(binding, relation);
  if (common === undefined) {
    binding.requireUsage(relation);
    const view = findView(binding.context, relation);
    return view === undefined ? bindTable(binding, item) : bindView(binding, view, item);
  }
  const plan = scanCommonTable(common, relation.position);
  const expanded = plan.output.length - (common.unexpandedCount ?? 0);
  const isHidden = plan.output.map((_, at) => at >= expanded);
  const shown = relationOver(plan, { name: common.name, alias, isHidden, isTable: true });
  return { plan, scope: scopeOf({ ...shown, commonTable: common.name }) };
}

/** `use`: what is done with the table; where nothing is said, it is read. */
export function bindTable(binding: StatementBinding, item: FromTable, use?: RelationAccess): BoundFrom {
  const table = findTable(binding.context, item.relation);
  if (table === undefined) {
    const sequence = use === undefined ? bindSequenceRelation(binding, item) : undefined;
    if (sequence !== undefined) return sequence;
    throw notYetDefined(binding, item.relation) ?? undefinedTable(item.relation);
  }
  const access = use ?? binding.use(tableTarget(table), Privilege.Select, item.relation.schema);
  const plan: ScanNode = {
    kind: 'scan',
    table,
    columns: table.columns.map((_, at) => at),
    ...(item.alias === undefined ? {} : { alias: item.alias.name }),
    ...(item.lockSlot === undefined ? {} : { lockSlot: item.lockSlot }),
    timeBounds: [],
    tagFilters: [],
    filters: [],
    output: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      tableOid: table.oid,
      columnNumber: column.number,
    })),
  };
  const isHidden = table.columns.map((column) => column.isHidden === true);
  const relation = relationOver(plan, { name: table.name, alias: item.alias, isHidden, isTable: true, access });
  return { plan, scope: scopeOf({ ...relation, table }) };
}

/** The table whose rows a statement changes. */
export function bindTarget(binding: StatementBinding, item: FromTable, use: RelationAccess): BoundFrom {
  const { plan, scope } = bindTable(binding, item, use);
  binding.rangeTable.add(scope.relations[0]);
  return plan.kind === 'scan' ? { plan: { ...plan, isTarget: true }, scope } : { plan, scope };
}

function bindSubquery(binding: StatementBinding, item: FromSubquery, around: Surroundings): BoundFrom {
  const { isLateral } = item;
  const plan = binding.deeper(1, () =>
    bindQuery(binding, item.query, {
      outer: isLateral ? around.lateral : around.outer,
    }),
  );
  const relation = relationOver(plan, { name: 'unnamed_subquery', alias: item.alias, isHidden: [], isTable: false });
  return { plan, scope: scopeOf(relation) };
}

interface RelationOptions {
  readonly name: string;
  readonly alias: Alias | undefined;
  readonly isHidden: readonly boolean[];
  readonly isTable: boolean;
  /** Of a relation of the database. */
  readonly access?: RelationAccess;
}

/** A plan's output under a name, its columns renamed as far as the alias lists names. */
export function relationOver(plan: LogicalPlan, { name, alias, isHidden, isTable, access }: RelationOptions): Relation {
  const relationName = alias?.name ?? name;
  const names = alias?.columns ?? [];
  const shown = plan.output.filter((_, at) => isHidden[at] !== true);
  if (names.length > shown.length) {
    throw new SqlError(
      SqlState.InvalidColumnReference,
      `table "${relationName}" has ${shown.length} columns available but ${names.length} columns specified`,
    );
  }
  const columns = plan.output.map((column, index): ScopeColumn => {
    const place = isHidden[index] === true ? -1 : shown.indexOf(column);
    return {
      name: names[place] ?? column.name,
      expression: { kind: 'column', index, type: column.type },
      relationName,
      tableOid: column.tableOid,
      columnNumber: column.columnNumber,
      isHidden: isHidden[index] === true,
      access,
    };
  });
  return { name: relationName, table: undefined, isAliased: alias !== undefined || !isTable, columns };
}
