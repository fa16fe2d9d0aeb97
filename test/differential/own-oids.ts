const RECORD_OID = 2249;
/** Types that users make are numbered from here, on each server for itself. */
const FIRST_USER_OID = 10_000;
const MAX_DIMENSIONS = 6;

/** A value in binary form as hexadecimal digits, with `own` in place of the OIDs of types that users have made. */
export function withoutOwnOids(value: Buffer, typeOid: number): string {
  const isOwn = typeOid >= FIRST_USER_OID;
  const row = typeOid === RECORD_OID || isOwn ? rowWithoutOids(value) : undefined;
  if (row !== undefined) return row;
  if (!isOwn || !isArrayOfOwn(value)) return value.toString('hex');
  return `${value.toString('hex', 0, 8)} own ${value.toString('hex', 12)}`;
}

/** | column count (int32) | per column: OID, length or -1 (int32), value | ; undefined for what is no such thing. */
function rowWithoutOids(value: Buffer): string | undefined {
  if (value.length < 4) return undefined;
  const count = value.readInt32BE(0);
  const columns: string[] = [];
  let at = 4;
  for (let column = 0; column < count; column++) {
    if (at + 8 > value.length) return undefined;
    const oid = value.readUInt32BE(at);
    const length = value.readInt32BE(at + 4);
    at += 8;
    const end = at + Math.max(length, 0);
    if (length < -1 || end > value.length) return undefined;
    const name = oid >= FIRST_USER_OID ? 'own' : String(oid);
    columns.push(`${name}:${length < 0 ? 'NULL' : withoutOwnOids(value.subarray(at, end), oid)}`);
    at = end;
  }
  return at === value.length ? `(${columns.join(' ')})` : undefined;
}

/** | dimensions (int32) | flags (int32) | OID of the elements | … */
function isArrayOfOwn(value: Buffer): boolean {
  if (value.length < 12) return false;
  const dimensions = value.readInt32BE(0);
  const isArray = dimensions >= 0 && dimensions <= MAX_DIMENSIONS && value.readInt32BE(4) <= 1;
  return isArray && value.readUInt32BE(8) >= FIRST_USER_OID;
}
