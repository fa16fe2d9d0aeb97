import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ParameterExpression } from '../expression/expression.ts';
import { unknownType } from './well-known-types.ts';

/** PostgreSQL numbers parameters with 16 bits on the wire. */
const MAX_PARAMETERS = 65535;

/**
 * The types of `$1`, `$2` … while a statement is bound. A parameter without a declared type is `unknown` until the
 * first context that wants a type decides it, exactly as for a string literal; later uses have that type already.
 */
export class ParameterTypes {
  readonly #types: (TypeDefinition | undefined)[];
  readonly #isAllowed: boolean;
  /** References that nothing has given a type yet, with their positions. */
  readonly #unresolved = new Map<ParameterExpression, number>();

  constructor(declared: readonly (TypeDefinition | undefined)[], options: { isAllowed: boolean }) {
    this.#types = declared.map((type) => (type === unknownType.definition ? undefined : type));
    this.#isAllowed = options.isAllowed;
  }

  /** A reference to `$number`. Throws 42P02 where the statement cannot have it. */
  reference(number: number, position: number): ParameterExpression {
    if (!this.#isAllowed || number < 1 || number > MAX_PARAMETERS) {
      throw new SqlError(SqlState.UndefinedParameter, `there is no parameter $${number}`, { position });
    }
    const index = number - 1;
    while (this.#types.length < number) this.#types.push(undefined);
    const type = this.#types[index];
    const reference: ParameterExpression = {
      kind: 'parameter',
      index,
      type: type === undefined ? unknownType : sqlType(type),
    };
    if (type === undefined) this.#unresolved.set(reference, position);
    return reference;
  }

  /** Decides the type of a reference that is still unknown. Throws 42P08 when another use decided otherwise. */
  resolve(reference: ParameterExpression, type: SqlType, position: number): ParameterExpression {
    const known = this.#types[reference.index];
    if (known !== undefined && known !== type.definition) {
      throw new SqlError(
        SqlState.AmbiguousParameter,
        `inconsistent types deduced for parameter $${reference.index + 1}`,
        { position, detail: `${known.sqlName} versus ${type.definition.sqlName}` },
      );
    }
    this.#types[reference.index] = type.definition;
    this.#unresolved.delete(reference);
    return { kind: 'parameter', index: reference.index, type: sqlType(type.definition) };
  }

  /** The types of all parameters. Throws 42P18 (or 42P08) when some use or parameter never got one. */
  finish(): readonly TypeDefinition[] {
    for (const [{ index }, position] of this.#unresolved) {
      if (this.#types[index] === undefined) continue;
      throw new SqlError(SqlState.AmbiguousParameter, `could not determine data type of parameter $${index + 1}`, {
        position,
      });
    }
    return this.#types.map((type, index) => {
      if (type === undefined) {
        throw new SqlError(SqlState.IndeterminateDatatype, `could not determine data type of parameter $${index + 1}`);
      }
      return type;
    });
  }
}
