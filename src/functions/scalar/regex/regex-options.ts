import { SqlError } from '../../../errors/sql-error.ts';
import { SqlState } from '../../../errors/sql-state.ts';

/** How a pattern is read: its dialect, and what letters and newlines mean to it. */
export interface RegexOptions {
  readonly dialect: 'advanced' | 'extended' | 'basic' | 'literal';
  readonly ignoresCase: boolean;
  /** White space and comments in the pattern count for nothing. */
  readonly isExpanded: boolean;
  /** `.` and brackets that negate do not match a newline. */
  readonly stopsAtNewline: boolean;
  /** `^` and `$` match at newlines too. */
  readonly hasLineAnchors: boolean;
}

export const defaultOptions: RegexOptions = {
  dialect: 'advanced',
  ignoresCase: false,
  isExpanded: false,
  stopsAtNewline: false,
  hasLineAnchors: false,
};

/** The options after one more letter (the manual's table of embedded options); undefined for no such letter. */
export function withOption(options: RegexOptions, letter: string): RegexOptions | undefined {
  switch (letter) {
    case 'b':
      return { ...options, dialect: 'basic' };
    case 'c':
      return { ...options, ignoresCase: false };
    case 'e':
      return { ...options, dialect: 'extended' };
    case 'i':
      return { ...options, ignoresCase: true };
    case 'm':
    case 'n':
      return { ...options, stopsAtNewline: true, hasLineAnchors: true };
    case 'p':
      return { ...options, stopsAtNewline: true, hasLineAnchors: false };
    case 'q':
      return { ...options, dialect: 'literal' };
    case 's':
      return { ...options, stopsAtNewline: false, hasLineAnchors: false };
    case 't':
      return { ...options, isExpanded: false };
    case 'w':
      return { ...options, stopsAtNewline: false, hasLineAnchors: true };
    case 'x':
      return { ...options, isExpanded: true };
    default:
      return undefined;
  }
}

/** What the flags of regexp_replace and its like say. */
export interface RegexFlags {
  readonly options: RegexOptions;
  readonly isGlobal: boolean;
}

/** Throws 22023 for a letter that is no flag. */
export function readFlags(flags: string): RegexFlags {
  let options = defaultOptions;
  let isGlobal = false;
  for (const letter of flags) {
    if (letter === 'g') {
      isGlobal = true;
      continue;
    }
    const next = withOption(options, letter);
    if (next === undefined) {
      throw new SqlError(SqlState.InvalidParameterValue, `invalid regular expression option: "${letter}"`);
    }
    options = next;
  }
  return { options, isGlobal };
}
