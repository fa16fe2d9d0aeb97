import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bareWords } from './bare-words.ts';
import type { TreeNode } from './tree-node.ts';

/** A `$n` where libpg-query's grammar takes one and PostgreSQL's does not: PostgreSQL's error for it. */
export function syntaxErrorNear(parameter: TreeNode): SqlError {
  return new SqlError(SqlState.SyntaxError, `syntax error at or near "$${parameter.integer('number')}"`, {
    position: parameter.position,
  });
}

/**
 * A word that libpg-query's grammar takes and PostgreSQL 15's does not: PostgreSQL's error for it where the statement has it
 * last, behind the word `after` if one is named.
 */
export function syntaxErrorAtWord(node: TreeNode, word: string, after?: string): SqlError {
  const { context } = node;
  const text = context.statementText;
  const words = bareWords(text);
  const at = words.findLastIndex(
    (candidate, index) => candidate.word === word && (after === undefined || words[index - 1]?.word === after),
  );
  const start = words[at]?.start ?? 0;
  return new SqlError(SqlState.SyntaxError, `syntax error at or near "${text.slice(start, start + word.length)}"`, {
    position: context.statementPosition + [...text.slice(0, start)].length,
  });
}
