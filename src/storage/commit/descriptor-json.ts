import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { withHiddenColumns } from '../undeclared-columns.ts';
import type { TypeLookup } from './enum-json.ts';

/** A table descriptor as JSON holds it: the same fields, types by OID and modifier, declared columns alone. */
export type DescriptorJson = Omit<TableDescriptor, 'columns'> & {
  readonly columns: readonly (Omit<ColumnDescriptor, 'type'> & {
    readonly type: { readonly oid: number; readonly typmod: number };
  })[];
};

export function descriptorToJson(table: TableDescriptor): DescriptorJson {
  return {
    ...table,
    columns: declaredColumns(table).map((column) => ({
      ...column,
      type: { oid: column.type.definition.oid, typmod: column.type.typmod },
    })),
  };
}

/** `types`: what the OIDs of types mean. Throws CorruptionError for one that means nothing. */
export function descriptorFromJson(json: DescriptorJson, types: TypeLookup = typeByOid): TableDescriptor {
  return withHiddenColumns({
    ...json,
    // JSON leaves out what is undefined.
    timeSeries: json.timeSeries,
    uniqueKey: json.uniqueKey,
    indexes: json.indexes,
    persistence: json.persistence ?? 'permanent',
    constraints: json.constraints,
    columns: declaredColumns(json).map((column) => {
      const definition = types(column.type.oid);
      if (definition === undefined) {
        throw new CorruptionError(`table "${json.name}": column "${column.name}" has unknown type ${column.type.oid}`);
      }
      return { ...column, type: { definition, typmod: column.type.typmod } };
    }),
  });
}

/** The others follow from the kind of the table; older records have some of them. */
function declaredColumns<T extends { readonly isHidden?: boolean }>({
  columns,
}: {
  readonly columns: readonly T[];
}): T[] {
  return columns.filter((column) => column.isHidden !== true);
}
