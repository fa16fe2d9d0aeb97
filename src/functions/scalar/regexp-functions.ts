import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { compiledRegex, type RegexMatch, type RegexMatcher } from './regex/regex.ts';
import { type RegexFlags, readFlags } from './regex/regex-options.ts';

const textArray = arrayTypeOf(text) ?? text;

function requireAtLeast(least: number, value: number, parameter: string): void {
  if (value >= least) return;
  throw new SqlError(SqlState.InvalidParameterValue, `invalid value for parameter "${parameter}": ${value}`);
}

/** The flags of a function that finds one match, or all of them anyway, and will not be told to. */
function ownFlags(flags: string, functionName: string, hint?: string): RegexFlags {
  const read = readFlags(flags);
  if (!read.isGlobal) return read;
  throw new SqlError(
    SqlState.InvalidParameterValue,
    `${functionName}() does not support the "global" option`,
    hint === undefined ? {} : { hint },
  );
}

/** The matches one behind the other: after an empty one the search goes on a character further. */
function* matchesFrom(matcher: RegexMatcher, from: number): Generator<RegexMatch> {
  let at = from;
  while (at <= matcher.length) {
    const match = matcher.find(at);
    if (match === undefined) return;
    yield match;
    at = match.end > match.start ? match.end : match.end + 1;
  }
}

/** The n-th match, counted from 1. */
function nthMatch(matcher: RegexMatcher, from: number, n: number): RegexMatch | undefined {
  let count = 0;
  for (const match of matchesFrom(matcher, from)) {
    if (++count === n) return match;
  }
  return undefined;
}

/** What regexp_match and regexp_matches give for a match: the groups, or all of it where there are none. */
function captured(matcher: RegexMatcher, groupCount: number, match: RegexMatch): SqlArray {
  if (groupCount === 0) return new SqlArray([matcher.slice(match.start, match.end)]);
  const groups = matcher.groups(match);
  const values: Value[] = [];
  for (let group = 1; group <= groupCount; group++) {
    const start = groups[group * 2];
    values.push(start < 0 ? null : matcher.slice(start, groups[group * 2 + 1]));
  }
  return new SqlArray(values);
}

function regexpMatch(value: string, pattern: string, flags = ''): SqlArray | null {
  const { options } = ownFlags(flags, 'regexp_match', 'Use the regexp_matches function instead.');
  const regex = compiledRegex(pattern, options);
  const matcher = regex.matcher(value);
  const match = matcher.find(0);
  return match === undefined ? null : captured(matcher, regex.groupCount, match);
}

/** All matches with the flag `g`, else the first one. */
export function* regexpMatches(value: string, pattern: string, flags = ''): Generator<SqlArray> {
  const { options, isGlobal } = readFlags(flags);
  const regex = compiledRegex(pattern, options);
  const matcher = regex.matcher(value);
  for (const match of matchesFrom(matcher, 0)) {
    yield captured(matcher, regex.groupCount, match);
    if (!isGlobal) return;
  }
}

/** The pieces between matches. Empty matches at the ends, or right behind a match, divide nothing. */
export function* regexpSplit(functionName: string, value: string, pattern: string, flags = ''): Generator<string> {
  const { options } = ownFlags(flags, functionName);
  const matcher = compiledRegex(pattern, options).matcher(value);
  let from = 0;
  for (const { start, end } of matchesFrom(matcher, 0)) {
    if (start >= matcher.length || end <= from) continue;
    yield matcher.slice(from, start);
    from = end;
  }
  yield matcher.slice(from, matcher.length);
}

function regexpCount(value: string, pattern: string, start = 1, flags = ''): number {
  requireAtLeast(1, start, 'start');
  const { options } = ownFlags(flags, 'regexp_count');
  const matcher = compiledRegex(pattern, options).matcher(value);
  let count = 0;
  for (const _ of matchesFrom(matcher, start - 1)) count++;
  return count;
}

function regexpLike(value: string, pattern: string, flags = ''): boolean {
  return compiledRegex(pattern, ownFlags(flags, 'regexp_like').options).test(value);
}

/** Start and end of the n-th match, or of one of its groups. */
function nthRange(
  functionName: string,
  value: string,
  pattern: string,
  { start, n, flags, group }: { start: number; n: number; flags: string; group: number },
): { readonly matcher: RegexMatcher; readonly from: number; readonly to: number } | undefined {
  requireAtLeast(1, start, 'start');
  requireAtLeast(1, n, 'n');
  const { options } = ownFlags(flags, functionName);
  const regex = compiledRegex(pattern, options);
  // Without groups the whole match counts as the first one.
  if (group > Math.max(regex.groupCount, 1)) return undefined;
  const matcher = regex.matcher(value);
  const match = nthMatch(matcher, start - 1, n);
  if (match === undefined) return undefined;
  if (group === 0 || regex.groupCount === 0) return { matcher, from: match.start, to: match.end };
  const groups = matcher.groups(match);
  const from = groups[group * 2];
  return from < 0 ? undefined : { matcher, from, to: groups[group * 2 + 1] };
}

function regexpInstr(value: string, pattern: string, start = 1, n = 1, endOption = 0, flags = '', group = 0): number {
  requireAtLeast(1, start, 'start');
  requireAtLeast(1, n, 'n');
  if (endOption !== 0 && endOption !== 1) requireAtLeast(Number.POSITIVE_INFINITY, endOption, 'endoption');
  requireAtLeast(0, group, 'subexpr');
  const range = nthRange('regexp_instr', value, pattern, { start, n, flags, group });
  if (range === undefined) return 0;
  return (endOption === 1 ? range.to : range.from) + 1;
}

function regexpSubstr(value: string, pattern: string, start = 1, n = 1, flags = '', group = 0): string | null {
  requireAtLeast(1, start, 'start');
  requireAtLeast(1, n, 'n');
  requireAtLeast(0, group, 'subexpr');
  const range = nthRange('regexp_substr', value, pattern, { start, n, flags, group });
  return range === undefined ? null : range.matcher.slice(range.from, range.to);
}

/** A part of a replacement: text as it is, or the number of a group (0: the whole match). */
type ReplacementPart = string | number;

/** `\1` … `\9` are groups, `\&` the whole match, `\\` a backslash; before anything else a backslash is one itself. */
function replacementParts(replacement: string): readonly ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let from = 0;
  for (const { 0: all, 1: sign = '', index } of replacement.matchAll(/\\([1-9&\\])/g)) {
    parts.push(replacement.slice(from, index), sign === '\\' ? '\\' : sign === '&' ? 0 : Number(sign));
    from = index + all.length;
  }
  parts.push(replacement.slice(from));
  return parts;
}

/** Replaces the n-th match from `start` on, or with `n` 0 all of them. */
function replaceMatches(
  value: string,
  pattern: string,
  replacement: string,
  { start, n, flags }: { start: number; n: number; flags: RegexFlags },
): string {
  const matcher = compiledRegex(pattern, flags.options).matcher(value);
  const parts = replacementParts(replacement);
  const usesGroups = parts.some((part) => typeof part === 'number' && part > 0);
  let result = '';
  let copied = 0;
  let count = 0;
  for (const match of matchesFrom(matcher, start - 1)) {
    count++;
    if (n > 0 && count < n) continue;
    result += matcher.slice(copied, match.start);
    const groups = usesGroups ? matcher.groups(match) : Int32Array.of(match.start, match.end);
    for (const part of parts) {
      if (typeof part === 'string') result += part;
      else if (part * 2 < groups.length && groups[part * 2] >= 0) {
        result += matcher.slice(groups[part * 2], groups[part * 2 + 1]);
      }
    }
    copied = match.end;
    if (n > 0) break;
  }
  return copied === 0 && result === '' ? value : result + matcher.slice(copied, matcher.length);
}

function regexpReplace(value: string, pattern: string, replacement: string, flags = ''): string {
  if (/^[0-9]/.test(flags)) {
    throw new SqlError(SqlState.InvalidParameterValue, `invalid regular expression option: "${flags[0]}"`, {
      hint: 'If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.',
    });
  }
  const read = readFlags(flags);
  return replaceMatches(value, pattern, replacement, { start: 1, n: read.isGlobal ? 0 : 1, flags: read });
}

/** Where `n` is given, it says more than the flag `g`. */
function regexpReplaceFrom(
  value: string,
  pattern: string,
  replacement: string,
  start: number,
  n = 1,
  flags = '',
): string {
  requireAtLeast(1, start, 'start');
  requireAtLeast(0, n, 'n');
  return replaceMatches(value, pattern, replacement, { start, n, flags: readFlags(flags) });
}

/** The first group of the first match, or all of it. */
function substringByPattern(value: string, pattern: string): string | null {
  const regex = compiledRegex(pattern);
  const matcher = regex.matcher(value);
  const match = matcher.find(0);
  if (match === undefined) return null;
  if (regex.groupCount === 0) return matcher.slice(match.start, match.end);
  const [, , start = -1, end = -1] = matcher.groups(match);
  return start < 0 ? null : matcher.slice(start, end);
}

/** What `SIMILAR TO pattern ESCAPE escape` matches, as an advanced regular expression. Throws 22025 and 2200C. */
export function similarToEscape(pattern: string, escapeCharacter = '\\'): string {
  if ([...escapeCharacter].length > 1) {
    throw new SqlError(SqlState.InvalidEscapeSequence, 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  let regex = '^(?:';
  let isEscaped = false;
  let quoteCount = 0;
  let bracketDepth = 0;
  /** How far into a bracket expression a closing bracket is still a member: up to 2. */
  let bracketPlace = 0;
  for (const character of pattern) {
    if (isEscaped) {
      if (character === '"' && bracketDepth === 0) regex += separator(quoteCount++);
      else {
        regex += `\\${character}`;
        bracketPlace = 3;
      }
      isEscaped = false;
    } else if (character === escapeCharacter) isEscaped = true;
    else if (bracketDepth > 0) {
      regex += character === '\\' ? '\\\\' : character;
      if (character === ']' && bracketPlace > 2) bracketDepth--;
      else if (character === '[') bracketDepth++;
      bracketPlace = character === '^' ? bracketPlace + 1 : 3;
    } else if (character === '[') {
      regex += '[';
      bracketDepth = 1;
      bracketPlace = 1;
    } else regex += SIMILAR_SIGNS[character] ?? character;
  }
  return `${regex})$`;
}

const SIMILAR_SIGNS: Readonly<Record<string, string>> = {
  '%': '.*',
  _: '.',
  '(': '(?:',
  '\\': '\\\\',
  '.': '\\.',
  '^': '\\^',
  $: '\\$',
};

/** Two of them mark the part that substring() shall give; the parts before and behind it are as short as can be. */
function separator(quoteCount: number): string {
  if (quoteCount === 0) return '){1,1}?(';
  if (quoteCount === 1) return '){1,1}(?:';
  throw new SqlError(
    SqlState.InvalidUseOfEscapeCharacter,
    'SQL regular expression may not contain more than two escape-double-quote separators',
  );
}

const similarEscape = (pattern: string | null, escapeCharacter: string | null): string | null =>
  pattern === null ? null : similarToEscape(pattern, escapeCharacter ?? '\\');

/** What is wrong with the pattern is told for a NULL value as well. */
function substringBySimilar(value: string | null, pattern: string | null, escapeCharacter: string | null) {
  if (pattern === null || escapeCharacter === null) return null;
  const expression = similarToEscape(pattern, escapeCharacter);
  return value === null ? null : substringByPattern(value, expression);
}

const regexpSplitToArray = (value: string, pattern: string, flags = ''): SqlArray =>
  new SqlArray([...regexpSplit('regexp_split_to_array', value, pattern, flags)]);

/** What PostgreSQL's regular expressions can be asked beside whether they match. Places count characters from 1. */
export const regexpFunctions: readonly ScalarFunction[] = [
  defineScalar('regexp_match', 3396, [text, text], textArray, regexpMatch),
  defineScalar('regexp_match', 3397, [text, text, text], textArray, regexpMatch),
  defineScalar('regexp_split_to_array', 2767, [text, text], textArray, regexpSplitToArray),
  defineScalar('regexp_split_to_array', 2768, [text, text, text], textArray, regexpSplitToArray),
  defineScalar('regexp_count', 6254, [text, text], int4, regexpCount),
  defineScalar('regexp_count', 6255, [text, text, int4], int4, regexpCount),
  defineScalar('regexp_count', 6256, [text, text, int4, text], int4, regexpCount),
  defineScalar('regexp_instr', 6257, [text, text], int4, regexpInstr),
  defineScalar('regexp_instr', 6258, [text, text, int4], int4, regexpInstr),
  defineScalar('regexp_instr', 6259, [text, text, int4, int4], int4, regexpInstr),
  defineScalar('regexp_instr', 6260, [text, text, int4, int4, int4], int4, regexpInstr),
  defineScalar('regexp_instr', 6261, [text, text, int4, int4, int4, text], int4, regexpInstr),
  defineScalar('regexp_instr', 6262, [text, text, int4, int4, int4, text, int4], int4, regexpInstr),
  defineScalar('regexp_like', 6263, [text, text], bool, regexpLike),
  defineScalar('regexp_like', 6264, [text, text, text], bool, regexpLike),
  defineScalar('regexp_substr', 6265, [text, text], text, regexpSubstr),
  defineScalar('regexp_substr', 6266, [text, text, int4], text, regexpSubstr),
  defineScalar('regexp_substr', 6267, [text, text, int4, int4], text, regexpSubstr),
  defineScalar('regexp_substr', 6268, [text, text, int4, int4, text], text, regexpSubstr),
  defineScalar('regexp_substr', 6269, [text, text, int4, int4, text, int4], text, regexpSubstr),
  defineScalar('regexp_replace', 2284, [text, text, text], text, regexpReplace),
  defineScalar('regexp_replace', 2285, [text, text, text, text], text, regexpReplace),
  defineScalar('regexp_replace', 6253, [text, text, text, int4], text, regexpReplaceFrom),
  defineScalar('regexp_replace', 6252, [text, text, text, int4, int4], text, regexpReplaceFrom),
  defineScalar('regexp_replace', 6251, [text, text, text, int4, int4, text], text, regexpReplaceFrom),
  defineScalar('substring', 2073, [text, text], text, substringByPattern),
  defineScalar('substring', 2074, [text, text, text], text, substringBySimilar, { handlesNull: true }),
  defineScalar('similar_to_escape', 1987, [text], text, similarToEscape),
  defineScalar('similar_to_escape', 1986, [text, text], text, similarToEscape),
  defineScalar('similar_escape', 1623, [text, text], text, similarEscape, { handlesNull: true }),
];
