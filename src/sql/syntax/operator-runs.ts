import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

const LONG_RUN = /[~!@#^&|`?+\-*/%<>=]{100}/;
const OPERATOR_RUN = /[~!@#^&|`?+\-*/%<>=]+/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const WORD = /[\w$\u0080-\uffff]+/y;

const MAX_OPERATOR_LENGTH = 1_000;
const MAX_COMMENT_DEPTH = 100;

/**
 * Refuses texts over which the parser's lexer takes quadratic time: at each `/*` inside a comment, and at each sign
 * of a row of signs, it reads to the end of the run of operator characters and then goes back. 200 kB of `/*` would
 * keep it, and with it the whole server, busy for a minute. Throws 54001 for comments nested too deeply and 42601 for
 * operators too long; texts without long runs, which are all texts that people write, cost one glance.
 */
export function checkOperatorRuns(text: string): void {
  if (!LONG_RUN.test(text)) return;
  for (let at = 0; at < text.length; ) at = afterToken(text, at);
}

/** The end of what begins at `at`: a quoted thing, a comment, a word, a run of operator characters, or one character. */
export function afterToken(text: string, at: number): number {
  switch (text[at]) {
    case "'":
      return afterQuoted(text, at, { quote: "'", hasEscapes: isEscapeString(text, at) });
    case '"':
      return afterQuoted(text, at, { quote: '"', hasEscapes: false });
    case '$': {
      const tag = match(DOLLAR_TAG, text, at);
      return tag === 0 ? at + 1 : afterText(text, text.slice(at, at + tag), at + tag);
    }
    default:
      return afterWord(text, at) ?? afterOperator(text, at);
  }
}

/** A `$` inside a word begins no dollar quote. */
function afterWord(text: string, at: number): number | undefined {
  const length = match(WORD, text, at);
  return length === 0 ? undefined : at + length;
}

function afterOperator(text: string, at: number): number {
  const length = match(OPERATOR_RUN, text, at);
  if (length === 0) return at + 1;
  const run = text.slice(at, at + length);
  const comment = run.search(/--|\/\*/);
  if ((comment < 0 ? length : comment) > MAX_OPERATOR_LENGTH) {
    throw new SqlError(SqlState.SyntaxError, 'operator too long', { position: [...text.slice(0, at)].length + 1 });
  }
  if (comment < 0) return at + length;
  return run[comment] === '-' ? afterText(text, '\n', at + comment) : afterComment(text, at + comment);
}

function afterComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
    if (depth > MAX_COMMENT_DEPTH) {
      throw new SqlError(SqlState.StatementTooComplex, `comments nest more than ${MAX_COMMENT_DEPTH} deep`, {
        position: [...text.slice(0, found.index)].length + 1,
      });
    }
  }
  return text.length;
}

function afterQuoted(
  text: string,
  start: number,
  form: { readonly quote: string; readonly hasEscapes: boolean },
): number {
  let at = start + 1;
  while (at < text.length) {
    if (form.hasEscapes && text[at] === '\\') at += 2;
    else if (text[at++] === form.quote) return at;
  }
  return at;
}

/** `E'…'`, where a backslash takes the next character with it. */
function isEscapeString(text: string, quote: number): boolean {
  return /(?<![\w$\u0080-\uffff])[eE]$/.test(text.slice(Math.max(quote - 2, 0), quote));
}

function afterText(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from);
  return index < 0 ? text.length : index + end.length;
}

/** How many characters a sticky pattern takes at `at`; 0: it does not match. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
