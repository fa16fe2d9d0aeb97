import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Statement } from './ast.ts';
import { ConversionContext } from './conversion-context.ts';
import { convertStatement } from './convert-statement.ts';
import { checkOperatorRuns } from './operator-runs.ts';
import { isStackOverflow, RawParser, type RawStatement, tooDeep } from './raw-parser.ts';
import { SourceText } from './source-text.ts';
import { TreeNode } from './tree-node.ts';

/** Longer texts are refused with 54000: the parser's tree takes a hundred times the memory of the text. */
export const MAX_SQL_BYTES = 16 * 1024 * 1024;

export interface ParsedStatement {
  readonly statement: Statement;
  /** The statement alone, from its first token, without the semicolon. */
  readonly text: string;
  /** Characters (code points) before `text` in the whole text. */
  readonly start: number;
  /** The highest `$n` in the statement. */
  readonly parameterCount: number;
}

let parser: RawParser | undefined;

/** Loads the parser; once, before the first `parseSql`. */
export async function loadParser(): Promise<void> {
  parser ??= await RawParser.load();
}

/**
 * The statements of a text, in order; none if it holds only blanks, comments and semicolons. Positions, in the tree and
 * in errors, count characters from 1 in the whole text.
 *
 * Throws SqlError: 42601 and its like with PostgreSQL's message for what the grammar refuses, 0A000 for what it takes
 * and we do not execute, 54000 and 54001 for texts too long or nested too deeply.
 */
export function parseSql(text: string): readonly ParsedStatement[] {
  invariant(parser !== undefined, 'the parser is loaded before the first statement');
  if (isBlank(text)) return [];
  checkCharacters(text);
  const source = new SourceText(text);
  if (source.sizeBytes > MAX_SQL_BYTES) {
    throw new SqlError(SqlState.ProgramLimitExceeded, `the SQL text is longer than ${MAX_SQL_BYTES} bytes`);
  }
  checkOperatorRuns(text);
  try {
    return parser.parse(text).map((raw) => convertParsed(raw, source));
  } catch (error) {
    throw isStackOverflow(error) ? tooDeep() : error;
  }
}

function convertParsed(raw: RawStatement, source: SourceText): ParsedStatement {
  const startByte = raw.stmt_location ?? 0;
  const endByte = raw.stmt_len === undefined ? source.sizeBytes : startByte + raw.stmt_len;
  const start = source.charactersBefore(startByte);
  const context = new ConversionContext(source, start + 1, { start: startByte, end: endByte });
  const statement = convertStatement(TreeNode.unwrap(raw.stmt, context));
  return {
    statement,
    text: source.slice(startByte, endByte).trimEnd(),
    start,
    parameterCount: context.parameterCount,
  };
}

/** A text that was parsed before, with $1, $2 … in the place of its constants: what two statements have in common. */
export function normalizeSql(text: string): string {
  invariant(parser !== undefined, 'the parser is loaded before the first statement');
  return parser.normalize(text);
}

/** The parser calls the empty string an error. */
function isBlank(text: string): boolean {
  return /^[ \t\n\r\f\v;]*$/.test(text);
}

/** The parser reads C strings: it would take a zero byte for the end of the text and execute what stands before it. */
function checkCharacters(text: string): void {
  if (text.includes('\0')) {
    throw new SqlError(SqlState.CharacterNotInRepertoire, 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new SqlError(
      SqlState.CharacterNotInRepertoire,
      'invalid byte sequence for encoding "UTF8": unpaired surrogate',
    );
  }
}
