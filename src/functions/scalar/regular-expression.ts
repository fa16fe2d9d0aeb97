import { RE2JS } from 're2js';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { BoundedCache } from '../bounded-cache.ts';
import { isAscii } from '../is-ascii.ts';
import { translateRegularExpression } from './translate-regular-expression.ts';

/** A pattern of `~` or `~*`, ready to run in time linear in the text. */
interface CompiledPattern {
  readonly program: RE2JS;
  /** Word boundaries mean the same in both dialects only among ASCII characters. */
  readonly needsAsciiText: boolean;
}

function compile(pattern: string, ignoreCase: boolean): CompiledPattern {
  const translated = translateRegularExpression(pattern, { ignoreCase });
  try {
    const flags = translated.isLiteral && translated.ignoresCase ? RE2JS.CASE_INSENSITIVE : 0;
    return { program: RE2JS.compile(translated.source, flags), needsAsciiText: translated.hasWordBoundary };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SqlError(SqlState.InvalidRegularExpression, `invalid regular expression: ${reason}`);
  }
}

const caseSensitive = new BoundedCache(128, (pattern) => compile(pattern, false));
const caseInsensitive = new BoundedCache(128, (pattern) => compile(pattern, true));

function run({ program, needsAsciiText }: CompiledPattern, text: string): boolean {
  if (needsAsciiText && !isAscii(text)) {
    throw notSupported('a regular expression with a word boundary on text beyond ASCII');
  }
  return program.test(text);
}

/** `text ~ pattern`. Throws 2201B for an invalid pattern and 0A000 for what needs backtracking. */
export function matchesRegularExpression(text: string, pattern: string): boolean {
  return run(caseSensitive.get(pattern), text);
}

/** `text ~* pattern`. */
export function matchesIgnoringCase(text: string, pattern: string): boolean {
  return run(caseInsensitive.get(pattern), text);
}
