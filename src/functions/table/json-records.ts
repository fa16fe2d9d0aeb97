import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { json } from '../../types/json.ts';
import { jsonRoot } from '../../types/json-text.ts';
import { jsonb } from '../../types/jsonb.ts';
import { anyelement } from '../../types/pseudo-types.ts';
import { record } from '../../types/record-type.ts';
import { type RecordField, SqlRecord } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { recordFromJson, recordsFromJson } from '../json/json-populate.ts';

/** The columns of the row type that a function's first argument has. Throws 42804 when it has another type. */
function fieldsOf(type: TypeDefinition, functionName: string): readonly RecordField[] {
  if (type.fields !== undefined) return type.fields;
  throw new SqlError(SqlState.DatatypeMismatch, `first argument of ${functionName} must be a row type`);
}

const unspecialized = (): never => {
  throw new SqlError(SqlState.DatatypeMismatch, 'could not determine row type');
};

/** json_populate_record: a row of its first argument's type. */
function populateRecord(name: string, oid: number, type: TypeDefinition): ScalarFunction {
  const generic: ScalarFunction = defineScalar(name, oid, [anyelement, type], anyelement, unspecialized, {
    ...stableWithEnvironment,
    handlesNull: true,
    specialize: ([rowType]) => ({
      ...generic,
      argumentTypes: [rowType, type],
      resultType: rowType,
      evaluate: ({ typeContext }: FunctionEnvironment, base: SqlRecord | null, document: string | null) => {
        const fields = fieldsOf(rowType, name);
        if (document === null) return base;
        return recordFromJson(document, jsonRoot(document), fields, base, typeContext);
      },
    }),
  });
  return generic;
}

/** json_populate_recordset: a row for each element. */
function populateRecordset(name: string, oid: number, type: TypeDefinition): TableFunction {
  const generic: TableFunction = {
    kind: 'table',
    name,
    oid,
    argumentTypes: [anyelement, type],
    resultType: anyelement,
    columnName: name,
    handlesNull: true,
    rows: unspecialized,
    specialize: ([rowType]) => ({
      ...generic,
      argumentTypes: [rowType, type],
      resultType: record,
      ...(rowType.fields === undefined ? {} : { columns: columnsOf(rowType.fields) }),
      rows: ([base, document]: readonly Value[], { typeContext }: FunctionEnvironment) => {
        const fields = fieldsOf(rowType, name);
        return document === null
          ? []
          : recordsFromJson(document as string, name, fields, base as SqlRecord | null, typeContext);
      },
    }),
  };
  return generic;
}

function columnsOf(fields: readonly RecordField[]): NonNullable<TableFunction['columns']> {
  return fields.map(({ name, type }) => ({ name, type: type.definition }));
}

/** json_to_record and json_to_recordset: rows of the columns that the statement lists. */
function toRecords(name: string, oid: number, type: TypeDefinition): TableFunction {
  const isSet = name.endsWith('set');
  const generic: TableFunction = {
    kind: 'table',
    name,
    oid,
    argumentTypes: [type],
    resultType: record,
    columnName: name,
    handlesNull: !isSet,
    rows: unspecialized,
    withColumns: (fields) => ({
      ...generic,
      rows: ([value]: readonly Value[], { typeContext }: FunctionEnvironment) => {
        const document = value as string | null;
        if (isSet) return recordsFromJson(document ?? '[]', name, fields, null, typeContext);
        return document === null
          ? [
              new SqlRecord(
                fields,
                fields.map(() => null),
              ),
            ]
          : [recordFromJson(document, jsonRoot(document), fields, null, typeContext)];
      },
    }),
  };
  return generic;
}

export const jsonRecordFunctions: readonly ScalarFunction[] = [
  populateRecord('json_populate_record', 3960, json),
  populateRecord('jsonb_populate_record', 3209, jsonb),
];

export const jsonRecordTables: readonly TableFunction[] = [
  populateRecordset('json_populate_recordset', 3961, json),
  populateRecordset('jsonb_populate_recordset', 3475, jsonb),
  toRecords('json_to_record', 3204, json),
  toRecords('jsonb_to_record', 3490, jsonb),
  toRecords('json_to_recordset', 3205, json),
  toRecords('jsonb_to_recordset', 3491, jsonb),
];
