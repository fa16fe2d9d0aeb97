import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionDefinition } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { resolveFunction } from '../../functions/resolve-overload.ts';
import type { FunctionCallSyntax } from '../syntax/ast.ts';
import type { Operand } from './coerce.ts';

/**
 * The operands of `make_interval(1, days => 10)` in the order of the function's arguments, those left out having their
 * defaults. Undefined when no function takes these. Throws 42601 for names that are written wrongly.
 */
export function arrangeNamedArguments(
  syntax: FunctionCallSyntax,
  operands: readonly Operand[],
): readonly Operand[] | undefined {
  const names = syntax.argumentNames ?? [];
  checkNames(syntax, names);
  for (const definition of functionsNamed(syntax.name)) {
    const arranged = arrange(definition, names, operands);
    if (arranged === undefined) continue;
    const types = arranged.map((operand) => operand.expression.type.definition);
    if (typeof resolveFunction(syntax.name, types) !== 'string') return arranged;
  }
  return undefined;
}

function checkNames(syntax: FunctionCallSyntax, names: readonly (string | undefined)[]): void {
  names.forEach((name, at) => {
    const position = syntax.arguments[at].position;
    const place = syntax.argumentPositions?.[at] ?? position;
    if (name === undefined) {
      if (!names.slice(0, at).some((earlier) => earlier !== undefined)) return;
      throw new SqlError(SqlState.SyntaxError, 'positional argument cannot follow named argument', {
        position: place,
      });
    }
    if (!names.slice(0, at).includes(name)) return;
    throw new SqlError(SqlState.SyntaxError, `argument name "${name}" used more than once`, { position: place });
  });
}

function arrange(
  { argumentNames, argumentTypes, defaults = [] }: FunctionDefinition,
  names: readonly (string | undefined)[],
  operands: readonly Operand[],
): readonly Operand[] | undefined {
  if (argumentNames === undefined) return undefined;
  const arranged: (Operand | undefined)[] = argumentTypes.map((_, at) =>
    names[at] === undefined ? operands[at] : undefined,
  );
  for (const [at, name] of names.entries()) {
    if (name === undefined) {
      if (at >= argumentTypes.length) return undefined;
      continue;
    }
    const place = argumentNames.indexOf(name);
    if (place < 0 || arranged[place] !== undefined) return undefined;
    arranged[place] = operands[at];
  }
  const firstDefault = argumentTypes.length - defaults.length;
  const filled: Operand[] = [];
  for (const [at, operand] of arranged.entries()) {
    if (operand === undefined && at < firstDefault) return undefined;
    filled.push(
      operand ?? {
        expression: {
          kind: 'constant',
          value: defaults[at - firstDefault],
          type: { definition: argumentTypes[at], typmod: -1 },
        },
        syntax: undefined,
      },
    );
  }
  return filled;
}
