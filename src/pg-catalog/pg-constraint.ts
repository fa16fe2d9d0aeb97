import type { ConstraintDescriptor, ReferentialAction } from '../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { partMaker, type RelationPart } from './relation-part.ts';
import { allSystemRelations, type SystemRelation } from './system-relation.ts';

const NOTHING = ' ';
const ACTIONS: Readonly<Record<ReferentialAction, string>> = {
  'no action': 'a',
  restrict: 'r',
  cascade: 'c',
  'set null': 'n',
  'set default': 'd',
};

const systemPart = partMaker(function* ({ descriptor, indexes }: SystemRelation) {
  for (const { oid: indexOid, isPrimary, columns, constraint } of indexes) {
    if (constraint === undefined) continue;
    const columnNumbers = columns.map(({ columnNumber }) => columnNumber);
    const key = { kind: 'key', ...constraint, isPrimary, indexOid, columnNumbers } as const;
    yield constraintRow(descriptor, { ...key, isDeferrable: false, isInitiallyDeferred: false });
  }
});

const tablePart = partMaker(function* (table: TableDescriptor) {
  const key = keyOfTimeSeries(table);
  if (key !== undefined) yield constraintRow(table, key);
  for (const constraint of table.constraints) yield constraintRow(table, constraint);
});

/** CHECKs, keys and foreign keys. */
export function* pgConstraintParts(source: CatalogSource): Iterable<RelationPart> {
  for (const relation of allSystemRelations()) yield systemPart(relation);
  for (const table of source.catalog().tables()) if (table.kind !== 'system-table') yield tablePart(table);
}

/** The key of a time-series table, in the words of one of a plain table. */
function keyOfTimeSeries({ uniqueKey }: TableDescriptor): ConstraintDescriptor | undefined {
  if (uniqueKey === undefined) return undefined;
  const { constraintOid, name, isPrimary, indexOid, columnNumbers } = uniqueKey;
  return {
    kind: 'key',
    oid: constraintOid,
    name,
    isPrimary,
    indexOid,
    columnNumbers,
    isDeferrable: false,
    isInitiallyDeferred: false,
  };
}

function constraintRow(table: TableDescriptor, constraint: ConstraintDescriptor): Value[] {
  const foreign = constraint.kind === 'foreign-key' ? constraint : undefined;
  const isCheck = constraint.kind === 'check';
  return [
    constraint.oid,
    constraint.name,
    table.schemaOid,
    typeOf(constraint),
    !isCheck && constraint.isDeferrable,
    !isCheck && constraint.isInitiallyDeferred,
    constraint.kind === 'key' || constraint.isValidated,
    table.oid,
    0,
    constraint.kind === 'key' ? constraint.indexOid : (foreign?.referencedIndexOid ?? 0),
    0,
    foreign?.referencedTableOid ?? 0,
    foreign === undefined ? NOTHING : ACTIONS[foreign.onUpdate],
    foreign === undefined ? NOTHING : ACTIONS[foreign.onDelete],
    foreign === undefined ? NOTHING : foreign.match[0],
    true,
    0,
    !isCheck || constraint.isNoInherit === true,
    isCheck && constraint.columnNumbers.length === 0 ? null : new SqlArray(constraint.columnNumbers),
    foreign === undefined ? null : new SqlArray(foreign.referencedColumnNumbers),
    null,
    null,
    null,
    foreign === undefined || foreign.deleteSetColumnNumbers.length === 0
      ? null
      : new SqlArray(foreign.deleteSetColumnNumbers),
    null,
    isCheck ? constraint.expression : null,
  ];
}

function typeOf(constraint: ConstraintDescriptor): string {
  if (constraint.kind === 'check') return 'c';
  if (constraint.kind === 'foreign-key') return 'f';
  return constraint.isPrimary ? 'p' : 'u';
}
