import type { TypeDefinition } from '../types/type-definition.ts';

/** How PostgreSQL would store a type: what pg_type and pg_attribute say beside its length. */
export interface PhysicalType {
  readonly byValue: boolean;
  /** c, s, i, d: 1, 2, 4, 8 bytes. */
  readonly alignment: string;
  /** p = plain, m = main, x = extended. */
  readonly storage: string;
  readonly collationOid: number;
}

const DEFAULT_COLLATION = 100;
const C_COLLATION = 950;
const COLLATED = new Set(['text', 'varchar', 'bpchar', '_text', '_varchar', '_bpchar', 'pg_node_tree']);
const ALIGNED_TO_8 = new Set([
  'interval',
  'timetz',
  '_int8',
  '_float8',
  '_timestamp',
  '_timestamptz',
  '_time',
  '_interval',
  '_timetz',
  'record',
  '_record',
  'anyarray',
  'anycompatiblearray',
]);
const ALIGNED_TO_1 = new Set(['name', 'uuid', 'unknown']);

export function physicalType(type: TypeDefinition): PhysicalType {
  const { length, name } = type;
  const byValue = length === 1 || length === 2 || length === 4 || length === 8;
  return {
    byValue,
    alignment: alignmentOf(name, length),
    storage: length !== -1 || name === 'int2vector' || name === 'oidvector' ? 'p' : name === 'numeric' ? 'm' : 'x',
    collationOid: COLLATED.has(name) ? DEFAULT_COLLATION : name === 'name' || name === '_name' ? C_COLLATION : 0,
  };
}

function alignmentOf(name: string, length: number): string {
  if (ALIGNED_TO_8.has(name) || length === 8) return 'd';
  if (ALIGNED_TO_1.has(name) || length === 1) return 'c';
  return length === 2 ? 's' : 'i';
}
