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
