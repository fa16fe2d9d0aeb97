/** One row of a table of facts: its cells by the names of their columns; null is NULL. */
export type Fact = Readonly<Record<string, string | null>>;

/** The rows of a table of facts: names, what is usual, then a row a line, where an empty cell is the usual one. */
export function readFacts(text: string): Fact[] {
  const [names = [], usual = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const usualCells = names.map((_, column) => cellOf(usual[column] ?? ''));
  return rows.map((cells) => {
    const fact: Record<string, string | null> = {};
    for (const [column, name] of names.entries()) {
      const cell = cells[column] ?? '';
      fact[name] = cell === '' ? usualCells[column] : cellOf(cell);
    }
    return fact;
  });
}

function cellOf(text: string): string | null {
  if (text === '\\N') return null;
  return text === '\\e' ? '' : text;
}

/** The number in a cell; 0 where there is none. */
export function numberIn(cell: string | null): number {
  return Number(cell ?? 0);
}

/** A list of numbers: `{1,2}`, `1 2` or `1,2`. */
export function numbersIn(cell: string | null): number[] {
  return (cell?.match(/-?\d+/g) ?? []).map(Number);
}

export function isTrue(cell: string | null): boolean {
  return cell === 't';
}
