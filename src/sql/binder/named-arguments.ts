import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionDefinition } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { resolveFunction } from '../../functions/resolve-overload.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax } from '../syntax/expression-ast.ts';
import type { Operand } from './coerce.ts';
import { unknownType } from './well-known-types.ts';

/** A call whose operands stand where the functions that may be meant take them. */
export interface ArrangedCall {
  readonly operands: readonly Operand[];
  /** The functions that have the written names in these places. */
  readonly among: readonly FunctionDefinition[];
}

/**
 * The operands of `make_interval(1, days => 10)` in the order of the function's arguments, those left out having their
 * defaults. Undefined when no function takes these. Throws 42601 for names that are written wrongly.
 */
export function arrangeNamedArguments(
  syntax: FunctionCallSyntax,
  operands: readonly Operand[],
): ArrangedCall | undefined {
  const names = syntax.argumentNames ?? [];
  checkNames(syntax, names);
  const arrangements = new Map<
    string,
    { readonly operands: readonly Operand[]; readonly among: FunctionDefinition[] }
  >();
  for (const definition of functionsNamed(syntax.name)) {
    const arranged = arrange(definition, names, operands);
    if (arranged === undefined) continue;
    const places = arranged.map((operand) => operands.indexOf(operand)).join();
    const known = arrangements.get(places);
    if (known === undefined) arrangements.set(places, { operands: arranged, among: [definition] });
    else known.among.push(definition);
  }
  for (const arranged of arrangements.values()) {
    const types = arranged.operands.map((operand) => operand.expression.type.definition);
    if (typeof resolveFunction(syntax.name, types, { among: arranged.among }) !== 'string') return arranged;
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
      operand ?? { expression: defaultOf(defaults[at - firstDefault], argumentTypes[at]), syntax: undefined },
    );
  }
  return filled;
}

/** A NULL is of whatever type the function that is meant takes there. */
function defaultOf(value: Value, definition: TypeDefinition): Expression {
  return { kind: 'constant', value, type: value === null ? unknownType : { definition, typmod: -1 } };
}
