import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TableOptionSyntax } from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const UNSPECIFIED_ACTION: Readonly<Record<string, true>> = { DEFELEM_UNSPEC: true };

/** `namespace.name = value` of CREATE TABLE … WITH (…); which options exist is the binder's to say. */
export function convertTableOption(node: TreeNode): TableOptionSyntax {
  node.choice('defaction', UNSPECIFIED_ACTION);
  const namespace = node.text('defnamespace');
  const name = node.text('defname') ?? '';
  const value = node.node('arg');
  const option = {
    namespace,
    name,
    value: value === undefined ? undefined : optionText(value),
    position: node.position,
  };
  // libpg-query's own note of where the value stands.
  node.skip('arg_location');
  node.finish();
  return option;
}

/** The text of an option's value: a string, a number, a word. Unquoted words reach us as names of types. */
export function optionText(node: TreeNode): string {
  switch (node.kind) {
    case 'String':
      return node.text('sval') ?? '';
    case 'Integer':
      return String(node.integer('ival'));
    case 'Float':
      return node.text('fval') ?? '';
    case 'TypeName':
      return wordOf(node);
    default:
      throw node.refusal('this value of an option');
  }
}

/**
 * An unquoted word. The grammar has turned the names of built-in types into what they stand for (int → int4), so such
 * a word counts only if it is what was written: `= time` is time, `= int` must be quoted.
 */
function wordOf(node: TreeNode): string {
  const parts = node.names('names');
  const word = parts.at(-1) ?? '';
  const written = node.context.source.slice(node.location, node.location + Buffer.byteLength(word));
  const isBuiltIn = parts.length === 2 && parts[0] === 'pg_catalog' && written.toLowerCase() === word;
  const hasMore = ['typmods', 'arrayBounds', 'setof', 'pct_type'].some((field) => node.has(field));
  if (hasMore || (parts.length !== 1 && !isBuiltIn)) {
    throw new SqlError(SqlState.SyntaxError, 'the value of an option must be a word, a number or a string in quotes', {
      position: node.position,
    });
  }
  return word;
}
