import { compareRecords, record } from '../../types/record-type.ts';
import type { SqlRecord } from '../../types/sql-record.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { comparisonOperators, familyOf } from './comparison.ts';

const equality = familyOf((left: SqlRecord, right: SqlRecord) => compareRecords(left, right, 'an equality operator'));

/** Rows as whole values; rows that are written out are compared column by column while the statement is bound. */
export const recordOperators: readonly OperatorDefinition[] = comparisonOperators(
  record,
  record,
  { ...familyOf(compareRecords), '=': equality['='], '<>': equality['<>'] },
  [
    ['record_eq', 2981, 2988],
    ['record_ne', 2982, 2989],
    ['record_lt', 2983, 2990],
    ['record_le', 2985, 2992],
    ['record_gt', 2984, 2991],
    ['record_ge', 2986, 2993],
  ],
).map((operator) => ({ ...operator, function: { ...operator.function, mayThrow: true } }));
