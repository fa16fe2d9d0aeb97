import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import type { UnitStatistics } from '../../src/columnar/unit-statistics.ts';
import { BestLimit } from '../../src/execution/best-limit.ts';
import type { SortKey, TopNNode } from '../../src/sql/plan/sort-nodes.ts';
import { float8 } from '../../src/types/float8.ts';
import { sqlType } from '../../src/types/type-registry.ts';

type Cell = number | null;

const cells: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -6, max: 6 }) },
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constant(null),
);
const units = fc.array(fc.array(cells, { minLength: 1, maxLength: 6 }), { maxLength: 12, size: 'max' });

function statisticsOf(unit: readonly Cell[]): UnitStatistics {
  const values = unit.filter((cell) => cell !== null);
  const numbers = values.filter((value) => !Number.isNaN(value));
  const [min, max] = numbers.length === 0 ? [Number.NaN, Number.NaN] : [Math.min(...numbers), Math.max(...numbers)];
  const unknown = { sum: 0, first: 0, last: 0, firstRow: 0, lastRow: 0, hasInfinity: true };
  const hasNaN = numbers.length < values.length;
  return {
    kind: 'float64',
    rowCount: unit.length,
    nullCount: unit.length - values.length,
    hasNaN,
    min,
    max,
    ...unknown,
  };
}

/** NULLs where they belong, NaN above every number. */
function compareBy({ isDescending, nullsFirst }: Pick<SortKey, 'isDescending' | 'nullsFirst'>) {
  const rank = (value: number): number => (Number.isNaN(value) ? 1 : 0);
  return (left: Cell, right: Cell): number => {
    if (left === null || right === null) {
      if (left === right) return 0;
      return (left === null) === nullsFirst ? -1 : 1;
    }
    const order = left < right ? -1 : left > right ? 1 : rank(left) - rank(right);
    return isDescending ? -order : order;
  };
}

test('of all rows the best are among those that it lets pass, however they come', () => {
  fc.assert(
    fc.property(
      units,
      fc.nat(7),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (rows, more, isDescending, nullsFirst, isOnlyKey) => {
        const wanted = more + 1;
        const key: SortKey = {
          expression: { kind: 'column', index: 0, type: sqlType(float8) },
          isDescending,
          nullsFirst,
        };
        const limit = BestLimit.of({ keys: isOnlyKey ? [key] : [key, key] } as unknown as TopNNode)!;
        limit.wantedRows = wanted;
        const compare = compareBy(key);
        const kept: { readonly cell: Cell; readonly place: number }[] = [];
        const all: { readonly cell: Cell; readonly place: number }[] = [];
        for (const unit of rows) {
          const places = unit.map((_, row) => all.length + row);
          for (const [row, cell] of unit.entries()) all.push({ cell, place: places[row]! });
          if (limit.excludes(statisticsOf(unit))) continue;
          const columns = [columnOf('float64', unit), columnOf('float64', places)];
          const batch = { rowCount: unit.length, columns };
          expect(limit.wantsSome(columns[0]!, unit.length)).toBe(limit.filter(batch).rowCount > 0);
          const passing = limit.filter(batch);
          limit.add(passing);
          for (let row = 0; row < passing.rowCount; row++) {
            const [cell, place] = passing.columns.map((column) => valueAt(column, row));
            kept.push({ cell: cell as Cell, place: place as number });
          }
        }
        // With more keys any of those that are as good as the last one may be among the best.
        const best = (from: typeof all) => {
          const sorted = from.slice().sort((a, b) => compare(a.cell, b.cell) || a.place - b.place);
          const last = sorted[wanted - 1];
          return isOnlyKey || last === undefined
            ? sorted.slice(0, wanted)
            : sorted.filter(({ cell }) => compare(cell, last.cell) <= 0);
        };
        expect(best(kept)).toEqual(best(all));
      },
    ),
    { numRuns: 5000 },
  );
});
