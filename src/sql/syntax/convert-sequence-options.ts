import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { relationNameOf } from './convert-relation.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { SequenceOptionSyntax } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** Throws 42601 for an option that stands twice. */
export function convertSequenceOptions(nodes: readonly TreeNode[]): SequenceOptionSyntax[] {
  const options = nodes.map(convertOption);
  const seen = new Set<string>();
  for (const { name, position } of options) {
    if (seen.has(name)) {
      throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position });
    }
    seen.add(name);
  }
  return options;
}

function convertOption(node: TreeNode): SequenceOptionSyntax {
  const { position } = node;
  const name = node.text('defname') ?? '';
  node.skip('defaction', 'arg_location');
  const argument = node.node('arg');
  node.finish();
  switch (name) {
    case 'as': {
      if (argument?.kind !== 'TypeName') throw node.refusal();
      return { name, type: convertTypeName(argument), position };
    }
    case 'increment':
    case 'start':
    case 'cache':
      return { name, value: argument === undefined ? '' : numberText(argument), position };
    case 'minvalue':
    case 'maxvalue':
    case 'restart':
      return { name, value: argument === undefined ? undefined : numberText(argument), position };
    case 'cycle':
      return { name, isCycled: argument?.flag('boolval') === true, position };
    case 'owned_by':
      return { name, parts: argument?.names('items') ?? [], position };
    case 'sequence_name':
      return { name, sequence: relationNameOf(argument?.names('items') ?? [], 0), position };
    default:
      throw node.refusal(`the sequence option ${name.toUpperCase()}`);
  }
}

/** A whole number beyond 32 bits arrives as text; one with a point or exponent never was one. */
function numberText(node: TreeNode): string {
  if (node.kind === 'Integer') return String(node.integer('ival'));
  const written = node.kind === 'Float' ? (node.text('fval') ?? '') : undefined;
  if (written === undefined) throw node.refusal('this value of a sequence option');
  if (/^-?\d+$/.test(written)) return written;
  throw new SqlError(SqlState.InvalidTextRepresentation, `invalid input syntax for type bigint: "${written}"`);
}
