import { cellText } from './draw-table.ts';

const WIDTH = 50;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Horizontal bars, one a row; negative values are drawn as hollow bars. */
export function drawChart(
  rows: readonly Readonly<Record<string, unknown>>[],
  { label, value }: { readonly label: string; readonly value: string },
): string {
  const largest = Math.max(...rows.map((row) => Math.abs(Number(row[value]))), Number.MIN_VALUE);
  return rows
    .map((row) => {
      const number = Number(row[value]);
      const eighths = Math.round((Math.abs(number) / largest) * WIDTH * 8);
      const bar =
        number < 0 ? '░'.repeat(Math.ceil(eighths / 8)) : '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
      return `  ${cellText(row[label])}  ${bar} ${cellText(row[value])}`;
    })
    .join('\n');
}
