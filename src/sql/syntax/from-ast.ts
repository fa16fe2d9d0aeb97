import type { SyntaxExpression } from './expression-ast.ts';
import type { Alias, Located, RelationName, TypeSyntax } from './located.ts';
import type { Query } from './query-ast.ts';

export type FromItem = FromTable | FromSubquery | FromFunction | FromJoin;

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
