import { convertExpression } from './convert-expression.ts';
import type { IndirectionStep, IndirectionSyntax, RowSyntax } from './expression-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** `ROW(…)` and `(a, b)`. */
export function convertRow(node: TreeNode): RowSyntax {
  const elements = node.nodes('args').map(convertExpression);
  node.skip('row_format', 'colnames');
  node.finish();
  return { kind: 'row', elements, position: node.position };
}

/** Subscripts, slices and fields behind an expression; located where that begins. */
export function convertIndirection(node: TreeNode): IndirectionSyntax {
  const operand = node.required('arg');
  const position = operand.position || operand.firstPosition;
  const argument = convertExpression(operand);
  const steps = node.nodes('indirection').map(convertStep);
  node.finish();
  return { kind: 'indirection', argument, steps, position };
}

export function convertStep(node: TreeNode): IndirectionStep {
  switch (node.kind) {
    case 'A_Indices':
      return convertSubscript(node);
    case 'String':
      return { kind: 'field', name: node.text('sval') ?? '' };
    case 'A_Star':
      return { kind: 'star' };
    default:
      throw node.refusal();
  }
}

function convertSubscript(node: TreeNode): IndirectionStep {
  const isSlice = node.flag('is_slice');
  const lower = node.node('lidx');
  const upper = node.node('uidx');
  node.finish();
  if (!isSlice && upper !== undefined) return { kind: 'subscript', index: convertExpression(upper) };
  return {
    kind: 'slice',
    lower: lower === undefined ? undefined : convertExpression(lower),
    upper: upper === undefined ? undefined : convertExpression(upper),
  };
}
