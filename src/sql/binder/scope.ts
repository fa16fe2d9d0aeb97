import type { StoredView } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Expression } from '../expression/expression.ts';
import { remapColumns } from '../expression/walk-expression.ts';
import type { FromItem } from '../syntax/from-ast.ts';
import type { OuterLevel } from './outer-level.ts';
import type { RelationAccess } from './relation-access.ts';

/** A column that a FROM clause offers. */
export interface ScopeColumn {
  readonly name: string;
  /** Its value over the output of the FROM clause's plan: a column reference, or a cast of one after USING. */
  readonly expression: Expression;
  /** The relation that it stands in, as messages name it. */
  readonly relationName: string;
  /** The table column that it shows unchanged; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly isHidden: boolean;
  /** Takes note of it when it is read: of relations of the database. */
  readonly access?: RelationAccess | undefined;
}

/** pg_attribute.attnum of tableoid: below it are columns of our own. */
const LAST_SYSTEM_COLUMN = -6;

/** Whether a column is one that every table of PostgreSQL's has without declaring it. */
export function isSystemNumber(columnNumber: number): boolean {
  return columnNumber < 0 && columnNumber >= LAST_SYSTEM_COLUMN;
}

/** An item of the FROM clause under the name that qualifies its columns. */
export interface Relation {
  readonly name: string;
  /** The table, so that an alias can be suggested to who writes the table's name. */
  readonly table: TableDescriptor | undefined;
  readonly view?: StoredView;
  /** What the WITH clause calls it. */
  readonly commonTable?: string;
  /** The item of FROM that it is, where it is one: tells it from others of its name. */
  readonly item?: FromItem;
  /** An alias hides the table's own name and schema. */
  readonly isAliased: boolean;
  /** An outer join may fill its columns with NULLs. */
  readonly isNullable?: boolean;
  /** Of a nullable relation whose whole row is asked for: NULL where an outer join has filled it up, and so is the row. */
  readonly presence?: Expression;
  /** A join under a name: its whole row is made of its columns, and is never NULL itself. */
  readonly isJoin?: boolean;
  /** A function that gives one value a row: its whole row is that value. */
  readonly isScalarFunction?: boolean;
  readonly columns: readonly ScopeColumn[];
}

/**
 * The names that expressions may use. `columns` answer to their bare name, in the order of `*`: all columns of the
 * relations, but those merged by USING once.
 */
export interface Scope {
  readonly relations: readonly Relation[];
  readonly columns: readonly ScopeColumn[];
  /** What lies around the query, asked for names that are not found here. */
  readonly outer?: OuterLevel | undefined;
}

export const emptyScope: Scope = { relations: [], columns: [] };

export function scopeOf(relation: Relation): Scope {
  return { relations: [relation], columns: relation.columns };
}

/** The visible columns of a table, numbered by their position in it: the scope of expressions over its rows. */
export function tableScope(table: TableDescriptor): Scope {
  const columns = table.columns.flatMap(({ name, type, number, isHidden }, index): ScopeColumn[] =>
    isHidden === true
      ? []
      : [
          {
            name,
            expression: { kind: 'column', index, type },
            relationName: table.name,
            tableOid: table.oid,
            columnNumber: number,
            isHidden: false,
          },
        ],
  );
  return scopeOf({ name: table.name, table, isAliased: false, columns });
}

/** The same scope over a plan whose output has `count` columns before this scope's own. */
export function shiftScope(scope: Scope, count: number): Scope {
  return remapScope(scope, (index) => index + count);
}

/** The same scope over a plan that has each column elsewhere. */
export function remapScope(scope: Scope, indexOf: (index: number) => number): Scope {
  const remapped = new Map<ScopeColumn, ScopeColumn>();
  const remap = (column: ScopeColumn): ScopeColumn => {
    let moved = remapped.get(column);
    if (moved === undefined) {
      moved = { ...column, expression: remapColumns(column.expression, indexOf) };
      remapped.set(column, moved);
    }
    return moved;
  };
  return {
    relations: scope.relations.map((relation) => ({
      ...relation,
      columns: relation.columns.map(remap),
      ...(relation.presence === undefined ? {} : { presence: remapColumns(relation.presence, indexOf) }),
    })),
    columns: scope.columns.map(remap),
    outer: scope.outer,
  };
}

/** Both sides' names, for a comma list or a join without merged columns. */
export function joinScopes(left: Scope, right: Scope): Scope {
  return {
    relations: [...left.relations, ...right.relations],
    columns: [...left.columns, ...right.columns],
    outer: left.outer,
  };
}

/** All relations that the levels from here outward can see. */
export function relationsAround(scope: Scope): readonly Relation[] {
  const outer = scope.outer === undefined ? [] : relationsAround(scope.outer.scope);
  return [...scope.relations, ...outer];
}
