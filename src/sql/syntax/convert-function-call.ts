import { notSupported } from '../../errors/sql-error.ts';
import { convertExpression } from './convert-expression.ts';
import { convertOrderItem } from './convert-order-item.ts';
import { tooManyDots } from './convert-relation.ts';
import { convertOver } from './convert-window.ts';
import type { FunctionCallSyntax, SyntaxExpression } from './expression-ast.ts';
import { syntaxErrorNear } from './syntax-error.ts';
import type { TreeNode } from './tree-node.ts';

/**
 * What PostgreSQL writes in words (EXTRACT(… FROM …), x AT TIME ZONE z) arrives as a call into pg_catalog that is
 * marked as such. These are the ones we have, with the fewest and the most arguments; AT LOCAL is timezone(x).
 */
const WRITTEN_IN_WORDS: Readonly<Record<string, readonly [fewest: number, most: number]>> = {
  timezone: [2, 2],
  extract: [2, 2],
  substring: [2, 3],
  btrim: [1, 2],
  ltrim: [1, 2],
  rtrim: [1, 2],
  position: [2, 2],
  overlay: [3, 4],
  overlaps: [4, 4],
  normalize: [1, 2],
  is_normalized: [1, 2],
  pg_collation_for: [1, 1],
};

const CALL_FORMS: Readonly<Record<string, 'call' | 'words'>> = {
  COERCE_EXPLICIT_CALL: 'call',
  COERCE_SQL_SYNTAX: 'words',
};

export function convertFunctionCall(node: TreeNode): FunctionCallSyntax {
  const { position } = node;
  const parts = node.names('funcname');
  if (parts.length > 3) throw tooManyDots(parts, position);
  if (parts.length > 2) throw notSupported(`a function of another database (${parts.join('.')})`, position);

  const name = parts.at(-1) ?? '';
  const values = node.nodes('args');
  const isInWords = node.choice('funcformat', CALL_FORMS) === 'words';
  if (isInWords) checkWords(name, values, position);
  const filter = node.node('agg_filter');
  const over = node.part('over', 'WindowDef');
  const orderBy = node.nodes('agg_order').map(convertOrderItem);
  const call: FunctionCallSyntax = {
    kind: 'call',
    schema: parts.at(-2),
    name,
    ...argumentNames(values),
    arguments: values.map(convertArgument),
    isStar: node.flag('agg_star'),
    isDistinct: node.flag('agg_distinct'),
    filter: filter === undefined ? undefined : convertExpression(filter),
    ...(orderBy.length > 0 ? { orderBy } : {}),
    ...(node.flag('agg_within_group') ? { isWithinGroup: true } : {}),
    ...(node.flag('func_variadic') ? { isVariadic: true } : {}),
    ...(over === undefined ? {} : { over: convertOver(over) }),
    position,
    ...(isInWords ? { isInWords } : {}),
  };
  node.finish();
  return call;
}

function checkWords(name: string, values: readonly TreeNode[], position: number): void {
  const counts = WRITTEN_IN_WORDS[name];
  if (counts === undefined || values.length < counts[0] || values.length > counts[1]) {
    const words = name === 'timezone' ? 'AT LOCAL' : `the SQL form of ${name}`;
    throw notSupported(words, position || values[0]?.firstPosition || 0);
  }
  // EXTRACT($1 FROM x) is an addition of the library's to PostgreSQL's grammar.
  if (name === 'extract' && values[0].kind === 'ParamRef') throw syntaxErrorNear(values[0]);
}

function convertArgument(node: TreeNode): SyntaxExpression {
  if (node.kind !== 'NamedArgExpr') return convertExpression(node);
  const value = convertExpression(node.required('arg'));
  node.skip('argnumber', 'name');
  node.finish();
  return value;
}

/** `days => 10`: what the arguments are called, and where they are written. */
function argumentNames(
  values: readonly TreeNode[],
): Pick<FunctionCallSyntax, 'argumentNames' | 'argumentPositions'> | undefined {
  if (!values.some((value) => value.kind === 'NamedArgExpr')) return undefined;
  return {
    argumentNames: values.map((value) => (value.kind === 'NamedArgExpr' ? value.text('name') : undefined)),
    argumentPositions: values.map((value) => value.position || value.firstPosition || 0),
  };
}
