import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** The parts of `a."B".c` as regclass and its like read them: folded unless quoted. Throws 42602. */
export function parseQualifiedName(text: string): readonly string[] {
  const parts: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null) throw new SqlError(SqlState.InvalidName, 'invalid name syntax');
    const [, quoted, plain = '', separator] = match;
    parts.push(quoted === undefined ? plain.toLowerCase() : quoted.replaceAll('""', '"'));
    if (separator === '') return parts;
  }
}

/** A name as it must be written in SQL: quoted unless it is a plain lower-case identifier. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
