import type { DefinitionStatement } from './definition-ast.ts';

/**
 * Our own tree of a statement: small, read-only, keyed by `kind`. `sql/syntax` makes it from libpg-query's tree; nothing
 * above knows the library. A construct that has no node here was refused with 0A000 while converting.
 *
 * `position`: 1-based index in characters (JavaScript code points as PostgreSQL counts them) into the whole query text
 * that the client sent; 0 when unknown.
 */
export type Statement =
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | TruncateStatement
  | VacuumStatement
  | DefinitionStatement
  | SetConstraintsStatement
  | SetStatement
  | SetTransactionStatement
  | ShowStatement
  | TransactionStatement
  | SavepointStatement
  | ExplainStatement
  | DeallocateStatement
  | DiscardStatement
  | UnlistenStatement;

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

export interface SelectStatement extends Located {
  readonly kind: 'select';
  readonly distinct: 'none' | 'all' | { readonly on: readonly SyntaxExpression[] };
  readonly targets: readonly Target[];
  readonly from: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  readonly groupBy: readonly SyntaxExpression[];
  readonly having: SyntaxExpression | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: SyntaxExpression | undefined;
  readonly offset: SyntaxExpression | undefined;
  /** VALUES lists stand here, with no targets. */
  readonly values: readonly (readonly SyntaxExpression[])[] | undefined;
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
}

export interface FromSubquery extends Located {
  readonly kind: 'subquery';
  readonly query: SelectStatement;
  readonly alias: Alias | undefined;
}

export interface FromFunction extends Located {
  readonly kind: 'function';
  readonly call: FunctionCallSyntax;
  readonly alias: Alias | undefined;
}

export interface FromJoin extends Located {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'cross';
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: SyntaxExpression | undefined;
  /** USING columns; NATURAL is `natural`. */
  readonly using: readonly string[] | undefined;
  readonly isNatural: boolean;
}

// ---------------------------------------------------------------- expressions

export type SyntaxExpression =
  | LiteralSyntax
  | ParameterSyntax
  | ColumnSyntax
  | StarSyntax
  | OperatorSyntax
  | QuantifiedSyntax
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
  | CollateSyntax
  | DefaultSyntax
  | KeywordValueSyntax;

/**
 * `value` as written: integers (decimal digits, however many) and decimals keep their digits, with the minus sign that
 * stood before them; strings are unknown-typed until bound.
 */
export interface LiteralSyntax extends Located {
  readonly kind: 'literal';
  readonly type: 'null' | 'boolean' | 'integer' | 'decimal' | 'string';
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

export interface FunctionCallSyntax extends Located {
  readonly kind: 'call';
  readonly schema: string | undefined;
  readonly name: string;
  readonly arguments: readonly SyntaxExpression[];
  /** `count(*)`. */
  readonly isStar: boolean;
  readonly isDistinct: boolean;
  readonly filter: SyntaxExpression | undefined;
  /** Written with words between its arguments: EXTRACT(year FROM x), x AT TIME ZONE y. */
  readonly isInWords?: boolean;
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
  readonly list: readonly SyntaxExpression[];
  readonly isNegated: boolean;
}

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
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly columns: readonly { readonly name: string; readonly position: number }[] | undefined;
  /** OVERRIDING SYSTEM VALUE, OVERRIDING USER VALUE. */
  readonly overriding: 'system' | 'user' | undefined;
  /** undefined: DEFAULT VALUES. */
  readonly source: SelectStatement | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

/** A column on the left of an assignment. */
export interface AssignmentTarget extends Located {
  readonly name: string;
  /** Written with a subscript or field behind the name. */
  readonly isPart: boolean;
}

/** `c = e` or `(c1, c2) = (e1, e2)`; the binder checks that there is a value for each target. Located at the value. */
export interface Assignment extends Located {
  readonly targets: readonly AssignmentTarget[];
  readonly values: readonly SyntaxExpression[];
}

export interface UpdateStatement extends Located {
  readonly kind: 'update';
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly assignments: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

export interface DeleteStatement extends Located {
  readonly kind: 'delete';
  readonly relation: RelationName;
  readonly alias: Alias | undefined;
  readonly using: readonly FromItem[];
  readonly where: SyntaxExpression | undefined;
  /** undefined: no RETURNING. */
  readonly returning: readonly Target[] | undefined;
}

export interface VacuumStatement extends Located {
  readonly kind: 'vacuum';
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** None: every table. */
  readonly relations: readonly RelationName[];
}

export interface TruncateStatement extends Located {
  readonly kind: 'truncate';
  readonly relations: readonly RelationName[];
  /** RESTART IDENTITY. */
  readonly restartsIdentity: boolean;
  readonly isCascade: boolean;
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
}

/** SHOW name; `SHOW TABLES` and `SHOW MEASUREMENTS` arrive as names `tables` and `measurements`, SHOW ALL as `all`. */
export interface ShowStatement extends Located {
  readonly kind: 'show';
  readonly name: string;
}

/** Undefined: not written. */
export interface TransactionModesSyntax {
  readonly isolation: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface TransactionStatement extends Located, TransactionModesSyntax {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  /** The command tag: 'BEGIN', 'START TRANSACTION', 'COMMIT', 'ROLLBACK'. */
  readonly tag: string;
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
  readonly statement: SelectStatement | InsertStatement | UpdateStatement | DeleteStatement;
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

/** UNLISTEN of one channel or of all: nobody listens, since LISTEN is refused. */
export interface UnlistenStatement extends Located {
  readonly kind: 'unlisten';
}
