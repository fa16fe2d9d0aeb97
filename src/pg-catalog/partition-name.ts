const MICROS_PER_MILLISECOND = 1000;
const MILLISECONDS_TO_2000 = Date.UTC(2000, 0, 1);

/** What a partition of a table is called where TimescaleDB names its chunks: after the table and when it begins. */
export function partitionName(tableName: string, fromMicros: number): string {
  const instant = new Date(MILLISECONDS_TO_2000 + fromMicros / MICROS_PER_MILLISECOND);
  const isDate = !Number.isNaN(instant.getTime());
  const stamp = isDate
    ? instant
        .toISOString()
        .replace(/[-:]|\.\d+Z$/g, '')
        .replace('T000000', '')
    : String(fromMicros);
  return `${tableName}_${stamp}`;
}
