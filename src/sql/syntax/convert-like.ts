import { convertNamedRelation } from './convert-relation.ts';
import type { TableLikeSyntax } from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** The bits of what is included. Compression, statistics and storage are nothing that a table has here. */
const INCLUDED: Readonly<Record<LikeOption, number>> = {
  comments: 1,
  constraints: 1 << 2,
  defaults: 1 << 3,
  generated: 1 << 4,
  identity: 1 << 5,
  indexes: 1 << 6,
};

type LikeOption = TableLikeSyntax['includes'] extends ReadonlySet<infer Option> ? Option & string : never;

/** LIKE source INCLUDING … `before`: how many columns were written before it. */
export function convertLike(node: TreeNode, before: number): TableLikeSyntax {
  const relation = convertNamedRelation(node, 'relation');
  const bits = node.integer('options');
  node.finish();
  const options = Object.entries(INCLUDED) as [LikeOption, number][];
  const includes = new Set(options.filter(([, bit]) => (bits & bit) !== 0).map(([option]) => option));
  return { relation, includes, before, position: relation.position };
}
