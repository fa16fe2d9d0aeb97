import type { TypeDefinition } from '../types/type-definition.ts';
import { typeFact } from './type-facts.ts';

/** How PostgreSQL would store a type: what pg_type and pg_attribute say beside its length. */
export interface PhysicalType {
  readonly byValue: boolean;
  /** c, s, i, d: 1, 2, 4, 8 bytes. */
  readonly alignment: string;
  /** p = plain, m = main, x = extended. */
  readonly storage: string;
  readonly collationOid: number;
}

const ENUM: PhysicalType = { byValue: true, alignment: 'i', storage: 'p', collationOid: 0 };
const EXTENDED: PhysicalType = { byValue: false, alignment: 'i', storage: 'x', collationOid: 0 };
const ROW: PhysicalType = { byValue: false, alignment: 'd', storage: 'x', collationOid: 0 };

export function physicalType({ oid, category }: TypeDefinition): PhysicalType {
  return typeFact(oid) ?? (category === 'E' ? ENUM : category === 'C' ? ROW : EXTENDED);
}
