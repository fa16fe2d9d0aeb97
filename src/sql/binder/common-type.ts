import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { commonType } from '../../functions/common-type.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import { coerce, type Operand } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The type that all operands can become (CASE, COALESCE, VALUES …), or undefined. */
export function tryCommonType(operands: readonly Operand[]): SqlType | undefined {
  // Thousands of literals have few types between them.
  const definitions = [...new Set(operands.map((operand) => operand.expression.type.definition))];
  const definition = commonType(definitions);
  return definition === undefined ? undefined : { definition, typmod: commonTypmod(operands, definition) };
}

/** Throws 42804 `CASE types text and integer cannot be matched` at the first operand that does not fit. */
export function commonTypeOf(operands: readonly Operand[], construct: string): SqlType {
  const common = tryCommonType(operands);
  if (common !== undefined) return common;
  let soFar = operands[0].expression.type.definition;
  const seen: TypeDefinition[] = [];
  for (const operand of operands) {
    const { definition } = operand.expression.type;
    if (seen.includes(definition)) continue;
    seen.push(definition);
    const next = commonType(seen);
    if (next === undefined) {
      throw new SqlError(
        SqlState.DatatypeMismatch,
        `${construct} types ${soFar.sqlName} and ${definition.sqlName} cannot be matched`,
        { position: startOf(operand.syntax) },
      );
    }
    soFar = seen.every((type) => type.name === 'unknown') ? definition : next;
  }
  throw new SqlError(SqlState.DatatypeMismatch, `${construct} types cannot be matched`);
}

/** The operands as values of their common type. `construct`: how the error, 42846, calls what they are in. */
export function coerceToCommon(
  binding: StatementBinding,
  operands: readonly Operand[],
  common: SqlType,
  construct: string,
): Expression[] {
  return operands.map((operand) => {
    const converted = coerce(binding, operand, common, 'implicit');
    if (converted !== undefined) return converted;
    throw new SqlError(
      SqlState.CannotCoerce,
      `${construct} could not convert type ${operand.expression.type.definition.sqlName} to ${common.definition.sqlName}`,
      { position: startOf(operand.syntax) },
    );
  });
}

/** The operands' modifier when they all agree on it. */
function commonTypmod(operands: readonly Operand[], definition: TypeDefinition): number {
  const typmod = operands[0].expression.type.typmod;
  const agree = operands.every(
    ({ expression }) => expression.type.definition === definition && expression.type.typmod === typmod,
  );
  return agree ? typmod : -1;
}
