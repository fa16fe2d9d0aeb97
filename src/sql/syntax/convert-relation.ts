import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Alias, RelationName } from './located.ts';
import type { TreeNode } from './tree-node.ts';

/**
 * A relation's name out of a RangeVar, which the caller finishes: what else it may carry depends on where it stands.
 * ONLY (`inh` left out) is taken anywhere, since no table has children here and it changes nothing.
 */
export function convertRelationName(range: TreeNode): RelationName {
  range.skip('inh');
  return {
    database: range.text('catalogname'),
    schema: range.text('schemaname'),
    name: range.text('relname') ?? '',
    position: range.position,
  };
}

/** The relation that a statement names in a field of its own: no alias, and whatever persistence. */
export function convertNamedRelation(node: TreeNode, field: string): RelationName {
  const range = node.part(field, 'RangeVar');
  if (range === undefined) throw node.refusal();
  return finishedRelation(range);
}

/** As `convertNamedRelation`, of an item of a list. */
export function finishedRelation(range: TreeNode): RelationName {
  const relation = convertRelationName(range);
  range.skip('relpersistence');
  range.finish();
  return relation;
}

/** The table that INSERT, UPDATE or DELETE writes to. */
export function convertWrittenTable(node: TreeNode): { relation: RelationName; alias: Alias | undefined } {
  const range = node.part('relation', 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  const alias = convertAlias(range.part('alias', 'Alias'));
  range.skip('relpersistence');
  range.finish();
  return { relation, alias };
}

/** `[database.][schema.]name` from a list of its parts, as DROP has it. */
export function relationNameOf(parts: readonly string[], position: number): RelationName {
  if (parts.length > 3) throw tooManyDots(parts, position);
  return {
    database: parts.at(-3),
    schema: parts.at(-2),
    name: parts.at(-1) ?? '',
    position,
  };
}

export function convertAlias(alias: TreeNode | undefined): Alias | undefined {
  if (alias === undefined) return undefined;
  const converted = { name: alias.text('aliasname') ?? '', columns: alias.names('colnames') };
  alias.finish();
  return converted;
}

export function tooManyDots(parts: readonly string[], position: number): SqlError {
  return new SqlError(SqlState.SyntaxError, `improper qualified name (too many dotted names): ${parts.join('.')}`, {
    position,
  });
}
