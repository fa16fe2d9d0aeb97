import { rowTypeOf } from '../../catalog/row-type.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import type { RecordField } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { columnReference } from './resolve-column.ts';
import type { Relation } from './scope.ts';
import type { ColumnOrigin, StatementBinding } from './statement-binding.ts';

/** The name of a relation as a value: its whole row. */
export function wholeRow(binding: StatementBinding, relation: Relation, position: number): Expression {
  const columns = relation.columns.filter((column) => !column.isHidden);
  const elements = columns.map((column) => columnReference(binding, column, position));
  // Called after the relation, not after the column that it is.
  if (relation.isScalarFunction === true && elements.length === 1) return { ...elements[0] };
  const fields = columns.map(({ name, expression }) => ({ name, type: expression.type }));
  const type = sqlType(typeOfRow(relation, fields));
  if (relation.isJoin === true) return { kind: 'row', elements, type };
  const origin: ColumnOrigin = {
    relationName: relation.name,
    columnName: '*',
    tableOid: 0,
    columnNumber: 0,
    position,
    isWholeRow: true,
  };
  const presence = relation.presence && { ...relation.presence };
  if (presence !== undefined) binding.rememberOrigin(presence, origin);
  const row: Expression = {
    kind: 'row',
    elements,
    type,
    isRelation: true,
    ...(presence === undefined ? {} : { presence }),
  };
  binding.rememberOrigin(row, origin);
  return row;
}

/** Rows of a table have the table's type, unless an alias gives their columns other names. */
function typeOfRow({ table }: Relation, fields: readonly RecordField[]): TypeDefinition {
  const own = table === undefined ? undefined : rowTypeOf(table);
  const isSame = own?.fields?.length === fields.length && own.fields.every(({ name }, at) => name === fields[at].name);
  return own !== undefined && isSame ? own : recordTypeOver(fields);
}
