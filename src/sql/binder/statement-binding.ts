import { type AccessTarget, systemTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import { ObjectClass, type StoredView } from '../../catalog/catalog-object.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { RelationName } from '../syntax/located.ts';
import type { BindContext } from './bind-context.ts';
import type { BoundCommonTable } from './bound-statement.ts';
import type { CommonTableScope } from './common-table.ts';
import { ParameterTypes } from './parameter-types.ts';
import type { QueryRecord } from './query-record.ts';
import { RangeTable } from './range-table.ts';
import { RelationAccess } from './relation-access.ts';

/** How deeply expressions and subqueries may nest: what every later walk over the plan manages on its stack. */
export const MAX_DEPTH = 1000;

/** Where a bound column reference came from. */
export interface ColumnOrigin {
  readonly relationName: string;
  readonly columnName: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly position: number;
  /** The whole row of the relation, which messages call `relation.*`. */
  readonly isWholeRow?: true;
}

interface BindingOptions {
  readonly keepsForm?: boolean;
  readonly record?: QueryRecord;
}

/** What is gathered while one statement is bound. */
export class StatementBinding {
  readonly context: BindContext;
  readonly parameters: ParameterTypes;
  /** Casts of constants stay as they were written, since the expression becomes text again. */
  readonly keepsForm: boolean;
  /** Takes note of what the parts of queries were bound to. */
  readonly record: QueryRecord | undefined;
  /** The views that are read, directly or by way of others. */
  readonly views = new Set<StoredView>();
  /** The tables of a WITH clause that holds INSERT, UPDATE or DELETE: they belong to the statement as a whole. */
  readonly statementTables: BoundCommonTable[] = [];
  /** What is done with the relations that are named, by the statement or by views. */
  readonly uses: RelationAccess[] = [];
  /** While a view is bound, its owner: it is with his rights that it reads. */
  #checkedAs: number | undefined;
  /** Keyed by the very object that the reference was bound to. */
  readonly #origins = new WeakMap<Expression, ColumnOrigin>();
  readonly #subqueryNames = new WeakMap<SyntaxExpression, string>();
  #isCacheable = true;
  #isOfCatalog = false;
  #callsFunctions = false;
  #slotCount = 0;
  #volatileCallCount = 0;
  #commonTables: CommonTableScope | undefined;
  #commonTableCount = 0;
  #rangeTable = new RangeTable();
  #depth = 0;

  constructor(context: BindContext, options: BindingOptions = {}) {
    this.record = options.record;
    this.context = context;
    this.keepsForm = options.keepsForm ?? false;
    this.parameters = new ParameterTypes(context.parameterTypes, { isAllowed: context.allowsParameters ?? true });
  }

  /** Takes note of a relation that is named, and must be one that the role may do this with. */
  use(target: AccessTarget, privileges: number, schemaName: string | undefined): RelationAccess {
    const use = new RelationAccess(target, privileges, { schemaName, checkedAs: this.#checkedAs });
    this.uses.push(use);
    return use;
  }

  /** Takes note of a function that is called by its name; where nobody has said who may, everybody may. */
  useFunction(oid: number, name: string, word: 'function' | 'aggregate'): void {
    this.#callsFunctions = true;
    if (this.context.catalog.acl({ classOid: ObjectClass.Function, objectOid: oid, subId: 0 }) === undefined) return;
    const target = { ...systemTarget('function', ObjectClass.Function, oid, name), word };
    this.use(target, Privilege.Execute, undefined);
  }

  get callsFunctions(): boolean {
    return this.#callsFunctions;
  }

  /** Throws 42501 where a schema that is written may not be looked into. Views were looked at when they were made. */
  requireUsage({ schema, position }: RelationName): void {
    if (schema !== undefined && this.#checkedAs === undefined) this.context.requireUsage?.(schema, position);
  }

  /** Binds what a view reads. */
  asOwner<T>(ownerOid: number, bind: () => T): T {
    const before = this.#checkedAs;
    this.#checkedAs = ownerOid;
    try {
      return bind();
    } finally {
      this.#checkedAs = before;
    }
  }

  /** False once the plan holds something that is true only now (the tables that exist, the literal 'today'). */
  get isCacheable(): boolean {
    return this.#isCacheable;
  }

  forbidCaching(): void {
    this.#isCacheable = false;
  }

  /** True once the plan holds something that is true of the catalog as it is: what a relation or a type has as its number. */
  get isOfCatalog(): boolean {
    return this.#isOfCatalog;
  }

  tieToCatalog(): void {
    this.#isOfCatalog = true;
  }

  /** A slot for a value that a query hands to one within it; a number of its own in the whole statement. */
  nextSlot(): number {
    this.#slotCount += 1;
    return this.#slotCount - 1;
  }

  /** Calls bound so far whose every evaluation may give another value. */
  get volatileCallCount(): number {
    return this.#volatileCallCount;
  }

  noteVolatileCall(): void {
    this.#volatileCallCount += 1;
  }

  /** What a scalar subquery's column is called, which names a column of the select list that it makes. */
  rememberName(subquery: SyntaxExpression, name: string): void {
    this.#subqueryNames.set(subquery, name);
  }

  nameOf(subquery: SyntaxExpression): string | undefined {
    return this.#subqueryNames.get(subquery);
  }

  rememberOrigin(reference: Expression, origin: ColumnOrigin): void {
    this.#origins.set(reference, origin);
  }

  originOf(reference: Expression): ColumnOrigin | undefined {
    return this.#origins.get(reference);
  }

  /** The tables of the WITH clauses around what is being bound, innermost first. */
  get commonTables(): CommonTableScope | undefined {
    return this.#commonTables;
  }

  /** Binds where `scope` is what is known of common tables. */
  within<T>(scope: CommonTableScope | undefined, bind: () => T): T {
    const before = this.#commonTables;
    this.#commonTables = scope;
    try {
      return bind();
    } finally {
      this.#commonTables = before;
    }
  }

  /** The relations of the query that is being bound. */
  get rangeTable(): RangeTable {
    return this.#rangeTable;
  }

  /** Binds a query within the one that is being bound. */
  inQuery<T>(bind: () => T): T {
    const outer = this.#rangeTable;
    this.#rangeTable = new RangeTable(outer);
    try {
      return bind();
    } finally {
      this.#rangeTable = outer;
    }
  }

  /** A number for a common table, its own in the whole statement. */
  nextCommonTable(): number {
    this.#commonTableCount += 1;
    return this.#commonTableCount - 1;
  }

  /** Runs `bind` `levels` deeper. Throws 54001 rather than exhaust the stack. */
  deeper<T>(levels: number, bind: () => T): T {
    this.#depth += levels;
    try {
      if (this.#depth > MAX_DEPTH) throw stackDepthExceeded();
      return bind();
    } finally {
      this.#depth -= levels;
    }
  }
}

export function stackDepthExceeded(): SqlError {
  return new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded', {
    hint: `Expressions and subqueries nest at most ${MAX_DEPTH} deep: split the statement.`,
  });
}
