import { notSupported } from '../../errors/sql-error.ts';

/** All of these order by bytes here; any other collation would be accepted and ignored. */
const BYTE_ORDER_COLLATIONS = new Set(['default', 'C', 'POSIX', 'ucs_basic']);

/** The name in COLLATE, in the parts in which it was written. Throws 0A000 for one that does not order by bytes. */
export function byteOrderCollation(parts: readonly string[], position: number): string {
  const [schema, collation] = parts.length > 1 ? parts : ['pg_catalog', parts[0]];
  if (parts.length <= 2 && schema === 'pg_catalog' && BYTE_ORDER_COLLATIONS.has(collation)) return collation;
  throw notSupported(`collation "${parts.join('.')}"`, position, 'All text is ordered by its bytes ("C").');
}
