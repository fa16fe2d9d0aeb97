import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { PreparedFact } from '../pg-catalog/pg-prepared-statements.ts';
import type { PreparedStatement } from './prepared-statement.ts';

const MAX_PREPARED_STATEMENTS = 10_000;

/** The prepared statements of a session by their names; the unnamed one is among them. */
export class NamedStatements {
  readonly #byName = new Map<string, PreparedStatement>();

  /** Throws 42P05 when the name is taken, 54000 when there are too many. */
  requireRoom(name: string): void {
    if (this.#byName.has(name)) {
      throw new SqlError(SqlState.DuplicatePreparedStatement, `prepared statement "${name}" already exists`);
    }
    if (this.#byName.size >= MAX_PREPARED_STATEMENTS) {
      throw new SqlError(SqlState.ProgramLimitExceeded, `more than ${MAX_PREPARED_STATEMENTS} prepared statements`);
    }
  }

  add(statement: PreparedStatement): void {
    this.#byName.set(statement.name, statement);
  }

  /** Throws 26000. */
  get(name: string): PreparedStatement {
    const found = this.#byName.get(name);
    if (found === undefined) {
      throw new SqlError(
        SqlState.InvalidSqlStatementName,
        name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
      );
    }
    return found;
  }

  /** No error when there is none of that name. */
  close(name: string): void {
    this.#byName.delete(name);
  }

  /** DEALLOCATE; undefined: all. Throws 26000. */
  deallocate(name: string | undefined): void {
    if (name === undefined) {
      this.#byName.clear();
      return;
    }
    this.get(name);
    this.#byName.delete(name);
  }

  /** All that have a name. */
  facts(): PreparedFact[] {
    return [...this.#byName.values()].flatMap(({ name, origin, parameterTypes, useCount }) => {
      if (name === '' || origin === undefined) return [];
      const { text, isSql, micros } = origin;
      const parameterTypeOids = parameterTypes.map(({ oid }) => oid);
      return [{ name, text, preparedMicros: micros, parameterTypeOids, isFromSql: isSql, useCount }];
    });
  }
}
