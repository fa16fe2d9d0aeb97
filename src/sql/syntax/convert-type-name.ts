import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { tooManyDots } from './convert-relation.ts';
import type { TypeSyntax } from './located.ts';
import type { TreeNode } from './tree-node.ts';

/**
 * A type as written. Modifiers are PostgreSQL's raw ones: for interval the mask of its fields comes first (32767: all)
 * and the precision second.
 */
export function convertTypeName(node: TreeNode): TypeSyntax {
  const { position } = node;
  const parts = node.names('names');
  if (parts.length > 3) throw tooManyDots(parts, position);
  if (parts.length > 2) {
    throw notSupported(`a type of another database (${parts.join('.')})`, position);
  }
  const type: TypeSyntax = {
    schema: parts.at(-2),
    name: parts.at(-1) ?? '',
    modifiers: node.nodes('typmods').map(convertModifier),
    // int[3] means int[], in PostgreSQL too: the sizes of dimensions are not enforced.
    arrayDimensions: node.list('arrayBounds').length,
    position,
  };
  // The packed modifier (-1 out of the grammar) is filled in by later stages of PostgreSQL, not by the parser.
  node.skip('typemod');
  node.finish();
  return type;
}

const MAX_INT32 = 2 ** 31 - 1;

function convertModifier(node: TreeNode): number {
  if (node.kind !== 'A_Const') throw node.refusal('a type modifier that is not a number');
  const number = node.part('ival', 'Integer');
  if (number !== undefined) {
    node.finish();
    return number.integer('ival');
  }
  const large = node.part('fval', 'Float')?.text('fval');
  if (large !== undefined && Math.abs(Number(large)) > MAX_INT32) {
    throw new SqlError(SqlState.NumericValueOutOfRange, `value "${large}" is out of range for type integer`, {
      position: node.position,
    });
  }
  throw node.refusal('a type modifier that is not a whole number');
}
