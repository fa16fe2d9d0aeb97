import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { join } from '../../../src/execution/operators/join.ts';
import type { JoinNode } from '../../../src/sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import type { OutputColumn } from '../../../src/sql/plan/plan-node.ts';
import type { Value } from '../../../src/types/value.ts';
import { spillingContext } from './execution-context.ts';
import { allRows, batchesOf, rendered, rowsArbitrary, TYPES } from './random-batches.ts';

const output: OutputColumn[] = TYPES.map((type, index) => ({
  name: `c${index}`,
  type,
  tableOid: 0,
  columnNumber: 0,
}));
const side: LogicalPlan = { kind: 'values', rows: [], output };

function joinNode(type: JoinNode['type'], key: number): JoinNode {
  const isHalf = type === 'semi' || type === 'anti';
  const column = { kind: 'column', index: key, type: TYPES[key]! } as const;
  return {
    kind: 'join',
    type,
    left: side,
    right: side,
    equalities: [{ left: column, right: column }],
    condition: undefined,
    output: isHalf ? output : [...output, ...output],
  };
}

test.each(['inner', 'left', 'right', 'full', 'semi', 'anti'] as const)(
  'a %s join that passes its memory gives what one in memory gives',
  async (type) => {
    let parted = 0;
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, rowsArbitrary, fc.nat(TYPES.length - 1), async (left, right, key) => {
        const node = joinNode(type, key);
        const ample = await spillingContext({ memoryBytes: 1 << 30 });
        const expected = await allRows(join(batchesOf(left, 16), batchesOf(right, 16), node, ample.context));
        const scarce = await spillingContext({ memoryBytes: 30_000 });
        let isParted = false;
        scarce.fileSystem.beforeOperation = () => {
          isParted = true;
        };
        let found: Value[][];
        try {
          found = await allRows(join(batchesOf(left, 16), batchesOf(right, 16), node, scarce.context));
        } catch (error) {
          // One key has more rows than there is memory for.
          expect(error).toMatchObject({ code: SqlState.OutOfMemory });
          return;
        }
        if (isParted) parted += 1;
        expect(rendered(found)).toEqual(rendered(expected));
        expect(scarce.fileSystem.allFiles()).toEqual([]);
        expect(scarce.context.memory.usedBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
    expect(parted).toBeGreaterThan(5);
  },
);

test('a join that is left early leaves no file behind', async () => {
  const { context, fileSystem } = await spillingContext({ memoryBytes: 30_000 });
  const rows = Array.from({ length: 3000 }, (_, row): Value[] => [row, row, true, `t${row}`, null, null, null]);
  for await (const batch of join(batchesOf(rows, 100), batchesOf(rows, 100), joinNode('inner', 1), context)) {
    expect(batch.rowCount).toBeGreaterThan(0);
    break;
  }
  expect(fileSystem.allFiles()).toEqual([]);
});
