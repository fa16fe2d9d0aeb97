import { rowTypeOf } from '../../catalog/row-type.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import type { RecordField } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { columnReference } from './resolve-column.ts';
import type { Relation } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The name of a relation as a value: its whole row. */
export function wholeRow(binding: StatementBinding, relation: Relation, position: number): Expression {
  const columns = relation.columns.filter((column) => !column.isHidden);
  const elements = columns.map((column) => columnReference(binding, column, position));
  // Called after the relation, not after the column that it is.
  if (relation.isScalarFunction === true && elements.length === 1) return { ...elements[0] };
  const fields = columns.map(({ name, expression }) => ({ name, type: expression.type }));
  const definition = typeOfRow(relation, fields);
  return {
    kind: 'row',
    elements,
    type: sqlType(definition),
    ...(relation.isNullable === true ? { isNullWhenEmpty: true } : {}),
  };
}

/** Rows of a table have the table's type, unless an alias gives their columns other names. */
function typeOfRow({ table }: Relation, fields: readonly RecordField[]): TypeDefinition {
  const own = table === undefined ? undefined : rowTypeOf(table);
  const isSame = own?.fields?.length === fields.length && own.fields.every(({ name }, at) => name === fields[at].name);
  return own !== undefined && isSame ? own : recordTypeOver(fields);
}
