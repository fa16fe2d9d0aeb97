import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { typeByOid } from '../../types/type-registry.ts';

/** A table descriptor as JSON holds it: the same fields, types by OID and modifier. */
export type DescriptorJson = Omit<TableDescriptor, 'columns'> & {
  readonly columns: readonly (Omit<ColumnDescriptor, 'type'> & {
    readonly type: { readonly oid: number; readonly typmod: number };
  })[];
};

export function descriptorToJson(table: TableDescriptor): DescriptorJson {
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      type: { oid: column.type.definition.oid, typmod: column.type.typmod },
    })),
  };
}

export function descriptorFromJson(json: DescriptorJson): TableDescriptor {
  return {
    ...json,
    // JSON leaves out what is undefined.
    timeSeries: json.timeSeries,
    uniqueKey: json.uniqueKey,
    columns: json.columns.map((column) => {
      const definition = typeByOid(column.type.oid);
      if (definition === undefined) {
        throw new CorruptionError(`table "${json.name}": column "${column.name}" has unknown type ${column.type.oid}`);
      }
      return { ...column, type: { definition, typmod: column.type.typmod } };
    }),
  };
}
