import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { callFunction } from './bind-function-call.ts';
import { castTo, type Operand } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { StatementBinding } from './statement-binding.ts';
import { int4Type } from './well-known-types.ts';

/** Bytes of a name, the last of which is always zero. */
const NAME_LENGTH = 64;

/** `name[0]`, as pg_dump asks: a name is an array of "char", numbered from 0. Beyond it there is NULL. */
export function nameSubscript(binding: StatementBinding, container: Operand, index: number): Expression {
  const position = startOf(container.syntax);
  const type = sqlType(typeByName('char')!);
  if (index < 0 || index >= NAME_LENGTH) return { kind: 'constant', value: null, type };
  const integer = (value: number): Operand => ({
    expression: { kind: 'constant', value, type: int4Type },
    syntax: undefined,
  });
  const letter = callFunction(binding, 'substr', [container, integer(index + 1), integer(1)], position);
  return castTo(binding, { expression: letter, syntax: undefined }, type, position);
}
