import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { ExecuteStatement, PrepareStatement } from '../syntax/session-ast.ts';
import { bindOperand } from './bind-expression.ts';
import type { BoundExecute, BoundPrepare } from './bound-statement.ts';
import { coerce } from './coerce.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { resolveType } from './resolve-type.ts';
import type { StatementBinding } from './statement-binding.ts';

/** PREPARE: its statement is bound when it runs, under the declared types. */
export function bindPrepare(binding: StatementBinding, { name, types, statement }: PrepareStatement): BoundPrepare {
  const declaredTypes = types.map((type) => {
    const { definition } = resolveType(binding, type);
    // `unknown` is how PostgreSQL's users leave a type open.
    return definition.name === 'unknown' ? undefined : definition;
  });
  return { kind: 'prepare', name, declaredTypes, statement };
}

/** EXECUTE: a value for each parameter of the prepared statement. Throws 26000, 42601, 42804. */
export function bindExecute(binding: StatementBinding, { name, values, position }: ExecuteStatement): BoundExecute {
  // Another statement may be prepared under the name the next time.
  binding.forbidCaching();
  const types = binding.context.preparedParameters?.(name);
  if (types === undefined) throw notSupported('EXECUTE here', position);
  if (types.length !== values.length) {
    throw new SqlError(SqlState.SyntaxError, `wrong number of parameters for prepared statement "${name}"`, {
      detail: `Expected ${types.length} parameters but got ${values.length}.`,
    });
  }
  const context = constantContext(binding, 'EXECUTE parameters');
  const parameters = types.map((type, at): Expression => {
    const operand = bindOperand(context, values[at]);
    const value = coerce(binding, operand, sqlType(type), 'assignment');
    if (value !== undefined) return value;
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `parameter $${at + 1} of type ${operand.expression.type.definition.sqlName} cannot be coerced to the expected type ${type.sqlName}`,
      { position: startOf(operand.syntax), hint: 'You will need to rewrite or cast the expression.' },
    );
  });
  return { kind: 'execute', name, parameters };
}
