/** Rows as an aligned table: numbers to the right, the rest to the left. */
export function drawTable(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const [first] = rows;
  if (first === undefined) return '  (no rows)';
  const names = Object.keys(first);
  const cells = rows.map((row) => names.map((name) => cellText(row[name])));
  const widths = names.map((name, index) => Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const isNumeric = names.map((_, index) => cells.every((row) => /^-?[\d.,]*$/.test(row[index] ?? '')));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, index) => (isNumeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join('  ')}`;
  const rule = `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`;
  return [line(names), rule, ...cells.map(line)].join('\n');
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    const iso = value.toISOString();
    return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ');
  }
  return String(value);
}
