import type { IndirectionStep, SyntaxExpression } from './expression-ast.ts';
import type { FromItem } from './from-ast.ts';
import type { Alias, Located, RelationName } from './located.ts';
import type { Query, Target, WithClause } from './query-ast.ts';

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

export interface TruncateStatement extends Located {
  readonly kind: 'truncate';
  readonly relations: readonly RelationName[];
  /** RESTART IDENTITY. */
  readonly restartsIdentity: boolean;
  readonly isCascade: boolean;
}
