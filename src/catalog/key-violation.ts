import { SqlError, type SqlErrorFields } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { neutralContext } from '../types/neutral-context.ts';
import type { TypeContext } from '../types/type-definition.ts';

/** A key that is there twice. Storage knows the values, the session how its client wants to read them. */
export class KeyViolation extends SqlError {
  readonly #describe: (context: TypeContext) => string;

  constructor(message: string, fields: SqlErrorFields, describe: (context: TypeContext) => string) {
    super(SqlState.UniqueViolation, message, { ...fields, detail: describe(neutralContext) });
    this.#describe = describe;
  }

  /** The same error in the words of a session. */
  inContext(context: TypeContext): SqlError {
    return new SqlError(this.code, this.message, { ...this.fields, detail: this.#describe(context) });
  }

  /** To CREATE UNIQUE INDEX and its like, which two rows stand in the way of. */
  asIndexBuild(): KeyViolation {
    const describe = (context: TypeContext): string =>
      this.#describe(context).replace(/already exists\.$/, 'is duplicated.');
    return new KeyViolation(`could not create unique index "${this.fields.constraintName}"`, this.fields, describe);
  }
}
