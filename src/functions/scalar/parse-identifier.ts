import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const BLANKS = /[ \t\n\r\f\v]*/y;
const PLAIN = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const QUOTED = /"((?:[^"]|"")*)"/y;

/**
 * The names of `schema."Table".column`, folded to small letters where they are not quoted. Throws 22023 for what is no
 * such name; without `isStrict`, what follows the name counts for nothing.
 */
function parseIdentifier(value: string, isStrict = true): SqlArray {
  const fail = (detail?: string): never => {
    throw new SqlError(SqlState.InvalidParameterValue, `string is not a valid identifier: "${value}"`, { detail });
  };
  const parts: string[] = [];
  let at = 0;
  const skipBlanks = (): void => {
    BLANKS.lastIndex = at;
    BLANKS.test(value);
    at = BLANKS.lastIndex;
  };
  skipBlanks();
  for (let isAfterDot = false; ; isAfterDot = true) {
    QUOTED.lastIndex = at;
    PLAIN.lastIndex = at;
    const quoted = QUOTED.exec(value);
    const plain = PLAIN.exec(value);
    if (quoted !== null) {
      if (quoted[1] === '') fail('Quoted identifier must not be empty.');
      parts.push((quoted[1] ?? '').replaceAll('""', '"'));
      at = QUOTED.lastIndex;
    } else if (plain !== null) {
      parts.push(plain[0].replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
      at = PLAIN.lastIndex;
    } else if (value[at] === '"') fail('String has unclosed double quotes.');
    else if (value[at] === '.') fail('No valid identifier before ".".');
    else if (isAfterDot) fail('No valid identifier after ".".');
    else fail();
    skipBlanks();
    if (value[at] === '.') {
      at++;
      skipBlanks();
    } else if (at >= value.length || !isStrict) return new SqlArray(parts);
    else fail();
  }
}

const textArray = arrayTypeOf(text) ?? text;

/** The second argument is true unless it is given. */
export const identifierFunctions: readonly ScalarFunction[] = [
  defineScalar('parse_ident', 1268, [text, bool], textArray, parseIdentifier, {
    argumentNames: ['str', 'strict'],
    defaults: [true],
  }),
];
