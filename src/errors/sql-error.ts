import { SqlState } from './sql-state.ts';

/** The optional fields of a PostgreSQL error message (protocol chapter, "Error and Notice Message Fields"). */
export interface SqlErrorFields {
  /** 1-based index, in characters, into the text of the statement. */
  readonly position?: number | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly where?: string | undefined;
  readonly schemaName?: string | undefined;
  readonly tableName?: string | undefined;
  readonly columnName?: string | undefined;
  readonly dataTypeName?: string | undefined;
  readonly constraintName?: string | undefined;
  /** PostgreSQL's own function that reports this, where drivers decide by it what to do next. */
  readonly routine?: string | undefined;
}

/** An error of the user's: what was wrong in one sentence, with PostgreSQL's SQLSTATE. The session lives on. */
export class SqlError extends Error {
  readonly code: SqlState;
  readonly fields: SqlErrorFields;

  constructor(code: SqlState, message: string, fields: SqlErrorFields = {}) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
    // Nowhere in the text: a position is not sent at all.
    this.fields = fields.position === 0 ? { ...fields, position: undefined } : fields;
  }

  /** The same error with a position, unless it has one: kernels know what is wrong, binders know where. */
  at(position: number): SqlError {
    if (this.fields.position !== undefined || position <= 0) return this;
    return new SqlError(this.code, this.message, { ...this.fields, position });
  }
}

/** A construct that parses but that we do not execute: refused by name, never ignored. */
export function notSupported(what: string, position = 0, hint?: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, `${what} is not supported`, {
    position: position > 0 ? position : undefined,
    hint,
  });
}
