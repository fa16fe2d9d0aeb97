import type { CopyStatement } from './copy-ast.ts';
import type { CreateTableAsStatement, DefinitionStatement } from './definition-ast.ts';
import type {
  CloseCursorStatement,
  DeclareCursorStatement,
  FetchStatement,
  ListenStatement,
  NotifyStatement,
  UnlistenStatement,
} from './session-ast.ts';

/**
 * Our own tree of a statement: small, read-only, keyed by `kind`. `sql/syntax` makes it from libpg-query's tree; nothing
 * above knows the library. A construct that has no node here was refused with 0A000 while converting.
 *
 * `position`: 1-based index in characters (JavaScript code points as PostgreSQL counts them) into the whole query text
 * that the client sent; 0 when unknown.
 */
export type Statement =
  | SelectStatement
  | SetOperationStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | TruncateStatement
  | LockStatement
  | VacuumStatement
  | AnalyzeStatement
  | DefinitionStatement
  | CreateTableAsStatement
  | SetConstraintsStatement
  | SetStatement
  | SetTransactionStatement
  | ShowStatement
  | TransactionStatement
  | SavepointStatement
  | ExplainStatement
  | PrepareStatement
  | ExecuteStatement
  | DeallocateStatement
  | DiscardStatement
  | CopyStatement
  | DeclareCursorStatement
  | FetchStatement
  | CloseCursorStatement
  | ListenStatement
  | UnlistenStatement
  | NotifyStatement;

export interface Located {
  readonly position: number;
}

/** `schema.name`, folded by the parser; `schema` undefined when not given. */
export interface RelationName extends Located {
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly name: string;
}

// ---------------------------------------------------------------- queries

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

/** A definition of the WINDOW clause, or what stands in parentheses after OVER. Located at its parenthesis or name. */
export interface WindowSyntax extends Located {
  readonly kind: 'window';
  /** Of a definition in the WINDOW clause. */
  readonly name: string | undefined;
  /** The window that it adds to: `OVER (base ORDER BY x)`. */
  readonly base: string | undefined;
  readonly partitionBy: readonly SyntaxExpression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: FrameSyntax | undefined;
}

/** `OVER name`. */
export interface WindowName extends Located {
  readonly kind: 'window-name';
  readonly name: string;
}

export type FrameMode = 'rows' | 'range' | 'groups';
export type FrameExclusion = 'none' | 'current-row' | 'group' | 'ties';

export interface FrameSyntax {
  readonly mode: FrameMode;
  readonly start: FrameBoundSyntax;
  readonly end: FrameBoundSyntax;
  readonly exclusion: FrameExclusion;
}

export interface FrameBoundSyntax {
  /** Unbounded means PRECEDING of a start and FOLLOWING of an end; others do not pass the parser. */
  readonly kind: 'unbounded' | 'current-row' | 'preceding' | 'following';
  /** Of PRECEDING and FOLLOWING. */
  readonly offset: SyntaxExpression | undefined;
}

export type FromItem = FromTable | FromSubquery | FromFunction | FromJoin;

export interface Alias {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface FromTable extends Located {
  readonly kind: 'table';
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  /** The binder numbers tables in a query that locks rows. */
  readonly lockSlot?: number;
}

export interface FromSubquery extends Located {
  readonly kind: 'subquery';
  readonly query: Query;
  readonly alias: Alias | undefined;
  readonly isLateral: boolean;
}

/** Functions side by side (ROWS FROM), nearly always one. They see what stands to their left, as LATERAL does. */
export interface FromFunction extends Located {
  readonly kind: 'function';
  readonly items: readonly FromFunctionItem[];
  readonly alias: Alias | undefined;
  readonly hasOrdinality: boolean;
  readonly isRowsFrom: boolean;
}

/** `call`: a keyword such as CURRENT_DATE can stand there too. */
export interface FromFunctionItem extends Located {
  readonly call: SyntaxExpression;
  /** `AS (name type, …)` behind a function that gives records. */
  readonly columns: readonly FromFunctionColumn[] | undefined;
}

export interface FromFunctionColumn extends Located {
  readonly name: string;
  readonly type: TypeSyntax;
}

export interface FromJoin extends Located {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross';
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: SyntaxExpression | undefined;
  /** USING columns; NATURAL is `natural`. */
  readonly using: readonly string[] | undefined;
  /** `USING (…) AS name`: the merged columns under a name. */
  readonly usingAlias: Alias | undefined;
  readonly isNatural: boolean;
  /** Hides the names of both sides. */
  readonly alias: Alias | undefined;
}

// ---------------------------------------------------------------- expressions

export type SyntaxExpression =
  | LiteralSyntax
  | ParameterSyntax
  | ColumnSyntax
  | StarSyntax
  | OperatorSyntax
  | QuantifiedSyntax
  | SubquerySyntax
  | SubqueryComparisonSyntax
  | FunctionCallSyntax
  | CastSyntax
  | LogicSyntax
  | NotSyntax
  | NullTestSyntax
  | BooleanTestSyntax
  | DistinctTestSyntax
  | InSyntax
  | BetweenSyntax
  | LikeSyntax
  | CaseSyntax
  | CoalesceSyntax
  | NullIfSyntax
  | ExtremeSyntax
  | ArraySyntax
  | RowSyntax
  | IndirectionSyntax
  | CollateSyntax
  | DefaultSyntax
  | KeywordValueSyntax
  | GroupingSyntax;

/**
 * `value` as written: integers (decimal digits, however many) and decimals keep their digits, with the minus sign that
 * stood before them; strings are unknown-typed until bound; bits have the letter in front of them: `b101`, `x1F`.
 */
export interface LiteralSyntax extends Located {
  readonly kind: 'literal';
  readonly type: 'null' | 'boolean' | 'integer' | 'decimal' | 'string' | 'bits';
  readonly value: string;
}

/** `$1` has number 1. */
export interface ParameterSyntax extends Located {
  readonly kind: 'parameter';
  readonly number: number;
}

/** `a`, `t.a`, `s.t.a`: the qualifier parts, outermost first, then the name. */
export interface ColumnSyntax extends Located {
  readonly kind: 'column';
  readonly qualifier: readonly string[];
  readonly name: string;
}

export interface StarSyntax extends Located {
  readonly kind: 'star';
  readonly qualifier: readonly string[];
}

/** A prefix (left undefined) or infix operator, with its schema where OPERATOR(schema.op) was written. */
export interface OperatorSyntax extends Located {
  readonly kind: 'operator';
  readonly schema: string | undefined;
  readonly name: string;
  readonly left: SyntaxExpression | undefined;
  readonly right: SyntaxExpression;
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export interface QuantifiedSyntax extends Located {
  readonly kind: 'quantified';
  readonly name: string;
  readonly isAll: boolean;
  readonly left: SyntaxExpression;
  readonly array: SyntaxExpression;
}

/** A query as a value: `(query)`, `EXISTS (query)`, `ARRAY(query)`. */
export interface SubquerySyntax extends Located {
  readonly kind: 'subquery';
  readonly form: 'scalar' | 'exists' | 'array';
  readonly query: Query;
}

/**
 * `left op ANY (query)`, `left op ALL (query)`, and `ROW(…) op (query)` over a query of one row. IN is `= ANY`. `left`
 * has an item for each column, more than one where a row was written. `position` is that of the operator.
 */
export interface SubqueryComparisonSyntax extends Located {
  readonly kind: 'subquery-comparison';
  readonly form: 'any' | 'all' | 'row';
  readonly name: string;
  readonly left: readonly SyntaxExpression[];
  readonly query: Query;
}

export interface FunctionCallSyntax extends Located {
  readonly kind: 'call';
  readonly schema: string | undefined;
  readonly name: string;
  readonly arguments: readonly SyntaxExpression[];
  /** `count(*)`. */
  readonly isStar: boolean;
  readonly isDistinct: boolean;
  readonly filter: SyntaxExpression | undefined;
  /** ORDER BY within the parentheses, or WITHIN GROUP (ORDER BY …) behind them. */
  readonly orderBy?: readonly OrderItem[];
  readonly isWithinGroup?: boolean;
  /** The last argument is VARIADIC: an array in place of the repeated arguments. */
  readonly isVariadic?: boolean;
  readonly over?: WindowSyntax | WindowName;
  /** Of arguments called by their names (`days => 10`), undefined for the others; absent where none is. */
  readonly argumentNames?: readonly (string | undefined)[];
  /** Where each of them begins, names included. */
  readonly argumentPositions?: readonly number[];
  /** Written with words between its arguments: EXTRACT(year FROM x), x AT TIME ZONE y. */
  readonly isInWords?: boolean;
}

/** GROUPING(a, b): a bit for each of the expressions that is not in the row's grouping set. */
export interface GroupingSyntax extends Located {
  readonly kind: 'grouping';
  readonly arguments: readonly SyntaxExpression[];
}

/**
 * A type as written: `pg_catalog.int8` for bigint, modifiers as given: interval's are the mask of its fields (32767: all)
 * and then the precision. `arrayDimensions` counts `[]`.
 */
export interface TypeSyntax extends Located {
  readonly schema: string | undefined;
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly arrayDimensions: number;
}

export interface CastSyntax extends Located {
  readonly kind: 'cast';
  readonly argument: SyntaxExpression;
  readonly type: TypeSyntax;
}

export interface LogicSyntax extends Located {
  readonly kind: 'and' | 'or';
  readonly arguments: readonly SyntaxExpression[];
}

export interface NotSyntax extends Located {
  readonly kind: 'not';
  readonly argument: SyntaxExpression;
}

export interface NullTestSyntax extends Located {
  readonly kind: 'null-test';
  readonly argument: SyntaxExpression;
  readonly isNegated: boolean;
}

export interface BooleanTestSyntax extends Located {
  readonly kind: 'boolean-test';
  readonly argument: SyntaxExpression;
  readonly test: 'true' | 'false' | 'unknown';
  readonly isNegated: boolean;
}

export interface DistinctTestSyntax extends Located {
  readonly kind: 'distinct-test';
  readonly left: SyntaxExpression;
  readonly right: SyntaxExpression;
  readonly isNegated: boolean;
}

export interface InSyntax extends Located {
  readonly kind: 'in';
  readonly argument: SyntaxExpression;
  /** Empty where the items are many literals of one kind, which are in `literals`. */
  readonly list: readonly SyntaxExpression[];
  readonly literals?: LiteralListSyntax;
  readonly isNegated: boolean;
}

/** Many literals of one kind: their values, the positions of each, and a hash table over them (`slotsOf`). */
export type LiteralListSyntax =
  | {
      readonly kind: 'numbers';
      readonly numbers: Float64Array;
      readonly positions: Uint32Array;
      readonly slots: Uint32Array;
    }
  | {
      readonly kind: 'texts';
      readonly texts: readonly string[];
      readonly positions: Uint32Array;
      readonly slots: Uint32Array;
    };

export interface BetweenSyntax extends Located {
  readonly kind: 'between';
  readonly argument: SyntaxExpression;
  readonly low: SyntaxExpression;
  readonly high: SyntaxExpression;
  readonly isSymmetric: boolean;
  readonly isNegated: boolean;
}

/** LIKE and ILIKE; an ESCAPE clause is a third operand. */
export interface LikeSyntax extends Located {
  readonly kind: 'like';
  readonly argument: SyntaxExpression;
  readonly pattern: SyntaxExpression;
  readonly escape: SyntaxExpression | undefined;
  readonly isCaseInsensitive: boolean;
  readonly isNegated: boolean;
}

export interface CaseSyntax extends Located {
  readonly kind: 'case';
  readonly operand: SyntaxExpression | undefined;
  /** `position` is that of WHEN, where a comparison with the operand is reported. */
  readonly branches: readonly (Located & { readonly when: SyntaxExpression; readonly then: SyntaxExpression })[];
  readonly otherwise: SyntaxExpression | undefined;
}

export interface CoalesceSyntax extends Located {
  readonly kind: 'coalesce';
  readonly arguments: readonly SyntaxExpression[];
}

export interface NullIfSyntax extends Located {
  readonly kind: 'nullif';
  readonly left: SyntaxExpression;
  readonly right: SyntaxExpression;
}

export interface ExtremeSyntax extends Located {
  readonly kind: 'greatest' | 'least';
  readonly arguments: readonly SyntaxExpression[];
}

export interface ArraySyntax extends Located {
  readonly kind: 'array';
  readonly elements: readonly SyntaxExpression[];
}

/** `ROW(a, b)`, or `(a, b)` with two or more; `ROW(t.*)` has a star among its elements. */
export interface RowSyntax extends Located {
  readonly kind: 'row';
  readonly elements: readonly SyntaxExpression[];
}

/** `a[1][2:3]`, `(row).field`, `(row).*`: the steps one after the other. */
export interface IndirectionSyntax extends Located {
  readonly kind: 'indirection';
  readonly argument: SyntaxExpression;
  readonly steps: readonly IndirectionStep[];
}

export type IndirectionStep =
  | { readonly kind: 'subscript'; readonly index: SyntaxExpression }
  /** `[lower:upper]`, of which either may be left out. */
  | {
      readonly kind: 'slice';
      readonly lower: SyntaxExpression | undefined;
      readonly upper: SyntaxExpression | undefined;
    }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'star' };

/** `x COLLATE "C"`; collations "default", "C", "POSIX", "ucs_basic" are all byte order here, others are refused. */
export interface CollateSyntax extends Located {
  readonly kind: 'collate';
  readonly argument: SyntaxExpression;
  readonly collation: string;
}

/** DEFAULT in INSERT … VALUES and UPDATE … SET. */
export interface DefaultSyntax extends Located {
  readonly kind: 'default';
}

/** current_timestamp, current_date, localtimestamp, current_user …: functions written without parentheses. */
export interface KeywordValueSyntax extends Located {
  readonly kind: 'keyword-value';
  readonly name: string;
}

// ---------------------------------------------------------------- other statements

export interface InsertStatement extends Located {
  readonly kind: 'insert';
  readonly with?: WithClause | undefined;
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly columns: readonly AssignmentTarget[] | undefined;
  /** OVERRIDING SYSTEM VALUE, OVERRIDING USER VALUE. */
  readonly overriding: 'system' | 'user' | undefined;
  /** undefined: DEFAULT VALUES. */
  readonly source: Query | undefined;
  readonly onConflict?: ConflictClause | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

/** ON CONFLICT target DO NOTHING, or DO UPDATE SET assignments WHERE condition. */
export interface ConflictClause extends Located {
  /** Empty: DO NOTHING. */
  readonly assignments: readonly Assignment[];
  readonly where: SyntaxExpression | undefined;
  /** undefined: any unique key; only of DO NOTHING. */
  readonly target: ConflictTarget | undefined;
}

/** Which keys are meant: those of a constraint, or unique indexes over just these elements. Located at its parenthesis. */
export interface ConflictTarget extends Located {
  readonly constraint: string | undefined;
  readonly elements: readonly ConflictElement[];
  /** The predicate of a partial index. */
  readonly where: SyntaxExpression | undefined;
}

export interface ConflictElement {
  /** Of a column the name alone. */
  readonly expression: SyntaxExpression;
  readonly collation: string | undefined;
  /** In the parts in which it was written; empty: none was. */
  readonly operatorClass: readonly string[];
}

/** A column on the left of an assignment. */
export interface AssignmentTarget extends Located {
  readonly name: string;
  /** Subscripts and fields behind the name: only a part of the column is assigned to. */
  readonly steps: readonly IndirectionStep[];
}

/**
 * `c = e`, `(c1, c2) = (e1, e2)` or `(c1, c2) = (query)`; the binder checks that there is a value for each target. Located
 * at the value.
 */
export interface Assignment extends Located {
  readonly targets: readonly AssignmentTarget[];
  /** Empty where a query gives them. */
  readonly values: readonly SyntaxExpression[];
  readonly query?: Query;
}

export interface UpdateStatement extends Located {
  readonly kind: 'update';
  readonly with?: WithClause | undefined;
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly assignments: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  /** WHERE CURRENT OF. */
  readonly cursor?: string | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

export interface DeleteStatement extends Located {
  readonly kind: 'delete';
  readonly with?: WithClause | undefined;
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly using: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  /** WHERE CURRENT OF. */
  readonly cursor?: string | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

export interface VacuumStatement extends Located {
  readonly kind: 'vacuum';
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** None: every table. */
  readonly relations: readonly RelationName[];
  /** VACUUM (ANALYZE): what is analysed behind it. */
  readonly analyze?: AnalyzeStatement | undefined;
}

export interface AnalyzeStatement extends Located {
  readonly kind: 'analyze';
  readonly isVerbose: boolean;
  /** None: every table. */
  readonly relations: readonly AnalyzedRelation[];
}

/** `table (columns)`; without columns all of them. */
export interface AnalyzedRelation {
  readonly relation: RelationName;
  readonly columns: readonly string[];
}

export interface TruncateStatement extends Located {
  readonly kind: 'truncate';
  readonly relations: readonly RelationName[];
  /** RESTART IDENTITY. */
  readonly restartsIdentity: boolean;
  readonly isCascade: boolean;
}

export type LockMode =
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

export interface LockStatement extends Located {
  readonly kind: 'lock';
  readonly relations: readonly RelationName[];
  readonly mode: LockMode;
  readonly isNoWait: boolean;
}

/** SET CONSTRAINTS; `names` undefined: ALL. */
export interface SetConstraintsStatement extends Located {
  readonly kind: 'set-constraints';
  readonly names: readonly RelationName[] | undefined;
  readonly isDeferred: boolean;
}

/** SET name = value, …; `value` undefined is DEFAULT or RESET; name 'all' with RESET ALL. Lists are joined by ", ". */
export interface SetStatement extends Located {
  readonly kind: 'set';
  readonly name: string;
  readonly value: string | undefined;
  readonly isLocal: boolean;
  /** Written RESET, which its command tag repeats. */
  readonly isReset?: boolean;
  /** SET TIME ZONE INTERVAL '…': the text and its type, instead of `value`. */
  readonly interval?: { readonly text: string; readonly type: TypeSyntax };
}

/** SHOW name; `SHOW TABLES` and `SHOW MEASUREMENTS` arrive as names `tables` and `measurements`, SHOW ALL as `all`. */
export interface ShowStatement extends Located {
  readonly kind: 'show';
  readonly name: string;
}

/** Undefined: not written. */
export interface TransactionModesSyntax {
  readonly isolation: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' | undefined;
  readonly isDeferrable: boolean | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface TransactionStatement extends Located, TransactionModesSyntax {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  /** The command tag: 'BEGIN', 'START TRANSACTION', 'COMMIT', 'ROLLBACK'. */
  readonly tag: string;
  /** AND CHAIN: the next block begins at once, with the same modes. */
  readonly chains: boolean;
}

/** SET TRANSACTION of the running one; SET SESSION CHARACTERISTICS AS TRANSACTION of those to come. */
export interface SetTransactionStatement extends Located, TransactionModesSyntax {
  readonly kind: 'set-transaction';
  readonly target: 'transaction' | 'session';
}

export interface SavepointStatement extends Located {
  readonly kind: 'savepoint';
  readonly action: 'define' | 'release' | 'rollback-to';
  readonly name: string;
}

export interface ExplainStatement extends Located {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly options: ExplainOptions;
  readonly statement:
    | Query
    | InsertStatement
    | UpdateStatement
    | DeleteStatement
    | ExecuteStatement
    | CreateTableAsStatement;
}

export interface ExplainOptions {
  readonly isVerbose: boolean;
  readonly costs: boolean;
  readonly settings: boolean;
  readonly buffers: boolean;
  readonly timing: boolean;
  /** How long planning and running took. */
  readonly summary: boolean;
  readonly format: 'text' | 'json' | 'yaml' | 'xml';
}

/** PREPARE name (types) AS statement; types that are left out are inferred. */
export interface PrepareStatement extends Located {
  readonly kind: 'prepare';
  readonly name: string;
  readonly types: readonly TypeSyntax[];
  readonly statement: Query | InsertStatement | UpdateStatement | DeleteStatement;
}

export interface ExecuteStatement extends Located {
  readonly kind: 'execute';
  readonly name: string;
  readonly values: readonly SyntaxExpression[];
}

/** DEALLOCATE name; undefined: ALL. */
export interface DeallocateStatement extends Located {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}

export interface DiscardStatement extends Located {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temp';
}
