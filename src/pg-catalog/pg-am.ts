import type { Value } from '../types/value.ts';

export const HEAP_OID = 2;
export const BTREE_OID = 403;
export const HASH_OID = 405;

/** Access methods and their handlers. Clients join it to learn how a relation is stored; to them our tables are heaps. */
export function* pgAmRows(): Iterable<Value[]> {
  yield [HEAP_OID, 'heap', 3, 't'];
  yield [BTREE_OID, 'btree', 330, 'i'];
  yield [HASH_OID, 'hash', 331, 'i'];
}
