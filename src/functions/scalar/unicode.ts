import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;

function requireForm(form: string): (typeof FORMS)[number] {
  const found = FORMS.find((known) => known === form.toUpperCase());
  if (found !== undefined) return found;
  throw new SqlError(SqlState.InvalidParameterValue, `invalid normalization form: ${form}`);
}

const normalize = (value: string, form = 'NFC'): string => value.normalize(requireForm(form));
const isNormalized = (value: string, form = 'NFC'): boolean => value === value.normalize(requireForm(form));

const ESCAPE = /\\(?:(\\)|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))?/g;

/** `\0061`, `\+000061`, `\u0061` and `\U00000061` become the character; two that make a surrogate pair become one. */
function withoutEscapes(value: string): string {
  const unescaped = value.replace(ESCAPE, (all: string, ...parts: readonly (string | undefined)[]) => {
    if (all === '\\') {
      throw new SqlError(SqlState.SyntaxError, 'invalid Unicode escape', {
        hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
      });
    }
    const [backslash, ...numbers] = parts.slice(0, 5);
    if (backslash !== undefined) return backslash;
    const code = Number.parseInt(numbers.find((digits) => digits !== undefined) ?? '', 16);
    if (code === 0 || code > 0x10ffff) {
      const shown = code.toString(16).toUpperCase().padStart(4, '0');
      throw new SqlError(SqlState.InvalidParameterValue, `invalid Unicode code point: ${shown}`);
    }
    return String.fromCodePoint(code);
  });
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(unescaped)) {
    throw new SqlError(SqlState.SyntaxError, 'invalid Unicode surrogate pair');
  }
  return unescaped;
}

export const unicodeFunctions: readonly ScalarFunction[] = [
  defineScalar('normalize', 4350, [text, text], text, normalize, { defaults: ['NFC'] }),
  defineScalar('is_normalized', 4351, [text, text], bool, isNormalized, { defaults: ['NFC'] }),
  defineScalar('unistr', 6198, [text], text, withoutEscapes),
];
