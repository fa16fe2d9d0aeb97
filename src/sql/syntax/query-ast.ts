import type { DeleteStatement, InsertStatement, UpdateStatement } from './data-modification-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { FromItem } from './from-ast.ts';
import type { Located, RelationName } from './located.ts';
import type { WindowSyntax } from './window-ast.ts';

/** What stands where a query can: SELECT, VALUES and TABLE, or two queries put together. */
export type Query = SelectStatement | SetOperationStatement;

/** What stands before and behind a query, whatever it is made of. */
interface QueryFrame extends Located {
  readonly with?: WithClause | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: SyntaxExpression | undefined;
  readonly offset: SyntaxExpression | undefined;
  /** FETCH … WITH TIES: rows that sort like the last one counted come along. */
  readonly withTies?: boolean;
}

/** UNION, INTERSECT, EXCEPT; with ALL, equal rows count each. */
export interface SetOperationStatement extends QueryFrame {
  readonly kind: 'set-operation';
  readonly operation: 'union' | 'intersect' | 'except';
  readonly isAll: boolean;
  readonly left: Query;
  readonly right: Query;
}

export interface WithClause extends Located {
  readonly isRecursive: boolean;
  readonly tables: readonly CommonTable[];
}

/** `name (columns) AS [NOT] MATERIALIZED (statement) SEARCH … CYCLE …` of a WITH clause. */
export interface CommonTable extends Located {
  readonly name: string;
  readonly columns: readonly string[];
  readonly materialized: 'default' | 'always' | 'never';
  readonly statement: Query | InsertStatement | UpdateStatement | DeleteStatement;
  readonly search: SearchClause | undefined;
  readonly cycle: CycleClause | undefined;
}

/** SEARCH BREADTH|DEPTH FIRST BY columns SET column. */
export interface SearchClause extends Located {
  readonly isBreadthFirst: boolean;
  readonly columns: readonly string[];
  readonly sequenceColumn: string;
}

/** CYCLE columns SET mark [TO value DEFAULT value] USING path. */
export interface CycleClause extends Located {
  readonly columns: readonly string[];
  readonly markColumn: string;
  readonly markValue: SyntaxExpression;
  readonly markDefault: SyntaxExpression;
  readonly pathColumn: string;
}

export interface SelectStatement extends QueryFrame {
  readonly kind: 'select';
  readonly distinct: 'none' | 'all' | { readonly on: readonly SyntaxExpression[] };
  readonly targets: readonly Target[];
  readonly from: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  readonly groupBy: readonly GroupItem[];
  /** GROUP BY DISTINCT: equal grouping sets count once. */
  readonly groupsDistinct?: boolean;
  readonly having: SyntaxExpression | undefined;
  /** The WINDOW clause. */
  readonly windows?: readonly WindowSyntax[];
  /** FOR UPDATE and its like, as often as written. */
  readonly locking?: readonly LockingClause[];
  /** VALUES lists stand here, with no targets. */
  readonly values: readonly (readonly SyntaxExpression[])[] | undefined;
  /** Set where there are very many `values`: all of one length, and nothing but literals. */
  readonly hasLiteralRows?: true;
}

/** FOR UPDATE | NO KEY UPDATE | SHARE | KEY SHARE [OF tables] [NOWAIT | SKIP LOCKED]. */
export interface LockingClause {
  readonly strength: 'key share' | 'share' | 'no key update' | 'update';
  readonly policy: 'wait' | 'nowait' | 'skip';
  /** Empty: all of them. */
  readonly tables: readonly RelationName[];
}

/** An item of the select list. `*` and `t.*` are `star` expressions. */
export interface Target extends Located {
  readonly alias: string | undefined;
  readonly expression: SyntaxExpression;
}

export interface OrderItem extends Located {
  readonly expression: SyntaxExpression;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | 'default';
  /** ORDER BY … USING operator, which decides the direction. */
  readonly using?: Located & { readonly schema: string | undefined; readonly name: string };
}

/** An item of GROUP BY. */
export type GroupItem = SyntaxExpression | GroupingSetSyntax;

/** `()`, a list in parentheses within ROLLUP and CUBE, ROLLUP, CUBE, GROUPING SETS. */
export interface GroupingSetSyntax extends Located {
  readonly kind: 'grouping-set';
  readonly form: 'empty' | 'list' | 'rollup' | 'cube' | 'sets';
  readonly items: readonly GroupItem[];
}
