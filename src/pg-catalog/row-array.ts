const ARRAY_BIT = 2 ** 31;

/** PostgreSQL makes an array type with each row type. Here it has a number of its own and can only be looked at. */
export function rowArrayOid(rowTypeOid: number): number {
  return rowTypeOid + ARRAY_BIT;
}

/** The row type that such an array is over; undefined for other types. */
export function rowTypeOfArray(oid: number): number | undefined {
  return oid > ARRAY_BIT ? oid - ARRAY_BIT : undefined;
}
