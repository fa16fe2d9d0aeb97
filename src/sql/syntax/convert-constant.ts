import type { LiteralSyntax } from './expression-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** A constant as written. The grammar has folded a minus sign before a number into it, as PostgreSQL does. */
export function convertConstant(node: TreeNode): LiteralSyntax {
  const { position } = node;
  const literal = (type: LiteralSyntax['type'], value: string): LiteralSyntax => {
    node.finish();
    return { kind: 'literal', type, value, position };
  };
  if (node.flag('isnull')) return literal('null', '');
  const integer = node.part('ival', 'Integer');
  if (integer !== undefined) return literal('integer', String(integer.integer('ival')));
  const text = node.part('sval', 'String');
  if (text !== undefined) return literal('string', text.text('sval') ?? '');
  const number = node.part('fval', 'Float');
  if (number !== undefined) return numberLiteral(number.text('fval') ?? '', literal);
  const truth = node.part('boolval', 'Boolean');
  if (truth !== undefined) return literal('boolean', String(truth.flag('boolval')));
  return literal('bits', node.part('bsval', 'BitString')?.text('bsval') ?? 'b');
}

/** Numbers beyond 32 bits and with a point or exponent arrive as they were written: 1_000_000_000_000, 0xFFFFFFFFFF. */
function numberLiteral(
  written: string,
  literal: (type: 'integer' | 'decimal', value: string) => LiteralSyntax,
): LiteralSyntax {
  const digits = written.replaceAll('_', '');
  if (/^-?\d+$/.test(digits)) return literal('integer', digits);
  if (/^-?0[xob]/i.test(digits)) {
    const isNegative = digits.startsWith('-');
    const magnitude = BigInt(isNegative ? digits.slice(1) : digits);
    return literal('integer', String(isNegative ? -magnitude : magnitude));
  }
  return literal('decimal', digits);
}
