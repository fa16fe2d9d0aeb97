/** Whatever stands somewhere in the query text. */
export interface Located {
  /**
   * 1-based index in characters (code points, as PostgreSQL counts them) into the whole text that the client sent; 0 when
   * unknown.
   */
  readonly position: number;
}

/** `schema.name`, folded by the parser; `schema` undefined when not given. */
export interface RelationName extends Located {
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly name: string;
}

/** `AS name (columns)` behind what stands in FROM, or behind the table of a statement that writes. */
export interface Alias {
  readonly name: string;
  readonly columns: readonly string[];
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
