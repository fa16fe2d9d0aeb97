import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { setDefault } from '../../database/schema-change/column-properties.ts';
import { dropConstraint } from '../../database/schema-change/constraints.ts';
import { dropColumn } from '../../database/schema-change/drop-column.ts';
import { dropIndex } from '../../database/schema-change/indexes.ts';
import { unreachable } from '../../errors/invariant.ts';
import { constraintOfIndex, type SchemaObject } from './schema-object.ts';

type TablePart = Exclude<SchemaObject, { readonly kind: 'sequence' | 'type' | 'schema' | 'view' }>;

/** The table without one of its parts, which may have gone with another by now. */
export function withoutPart(table: TableDescriptor, part: TablePart): TableDescriptor {
  switch (part.kind) {
    case 'table':
      return table;
    case 'column':
      return table.columns.some(({ number }) => number === part.column.number)
        ? dropColumn(table, part.column.number)
        : table;
    case 'default':
      return table.columns.some(({ number }) => number === part.column.number)
        ? setDefault(table, part.column.number, undefined)
        : table;
    case 'constraint':
      return dropConstraint(table, part.constraint.oid);
    case 'index':
      // That of a constraint goes with the constraint.
      return constraintOfIndex(table, part.index.oid) === undefined &&
        table.indexes.some(({ oid }) => oid === part.index.oid)
        ? dropIndex(table, part.index.oid)
        : table;
    default:
      return unreachable(part);
  }
}
