import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** PostgreSQL's SQLSTATE for the parser's errors that are not plain 42601; the library gives us only the words. */
const STATES: readonly (readonly [pattern: RegExp, state: SqlState])[] = [
  [/^invalid byte sequence for encoding/, SqlState.CharacterNotInRepertoire],
  [/^unsafe use of /, SqlState.NonstandardUseOfEscapeCharacter],
  [/^precision for type float must be/, SqlState.InvalidParameterValue],
  [/^role name "(none|public)" (is reserved|cannot be used here)/, SqlState.ReservedName],
  [/^sequence option /, SqlState.SyntaxError],
  [/^CREATE SCHEMA IF NOT EXISTS cannot /, SqlState.FeatureNotSupported],
  [/ (not|no longer) (yet )?(implemented|supported)\b/, SqlState.FeatureNotSupported],
  [/ is only supported for ON DELETE actions$/, SqlState.FeatureNotSupported],
  [/ constraints cannot be marked /, SqlState.FeatureNotSupported],
  [/^frame (start|end)ing /, SqlState.WindowingError],
  [/^frame (start|end) cannot be /, SqlState.WindowingError],
  [/^stack depth limit exceeded/, SqlState.StatementTooComplex],
  [/^out of memory/, SqlState.OutOfMemory],
];

/** `LIMIT 1,2` says "not supported" but is a syntax error to PostgreSQL, with a hint that helps. */
const LIMIT_COMMA = /^LIMIT #,# syntax is not supported/;

/** An error of the grammar's with PostgreSQL's message, SQLSTATE and position (0: none). */
export function parserError(message: string, where: { functionName: string; position: number }): SqlError {
  const position = where.position > 0 ? where.position : undefined;
  if (LIMIT_COMMA.test(message)) {
    return new SqlError(SqlState.SyntaxError, message, { position, hint: 'Use separate LIMIT and OFFSET clauses.' });
  }
  if (message === 'invalid Unicode escape') return invalidUnicodeEscape(message, where.functionName, position);
  const state = STATES.find(([pattern]) => pattern.test(message))?.[1] ?? SqlState.SyntaxError;
  return new SqlError(state, message, { position });
}

/** The same words have two SQLSTATEs: E'\u12' is the lexer's, U&'\zzzz' is not. */
function invalidUnicodeEscape(message: string, functionName: string, position: number | undefined): SqlError {
  return functionName === 'core_yylex'
    ? new SqlError(SqlState.InvalidEscapeSequence, message, {
        position,
        hint: 'Unicode escapes must be \\uXXXX or \\UXXXXXXXX.',
      })
    : new SqlError(SqlState.SyntaxError, message, {
        position,
        hint: 'Unicode escapes must be \\XXXX or \\+XXXXXX.',
      });
}
