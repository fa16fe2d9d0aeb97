import type { AggregateFunction } from '../function-definition.ts';
import { floatSumAggregates } from './float-sum.ts';
import { integerSumAggregates } from './integer-sum.ts';
import { objectSumAggregates } from './object-sum.ts';

const FIRST_OID = 9230;

/** InfluxDB's name for avg. */
export const meanAggregates: readonly AggregateFunction[] = [
  ...integerSumAggregates,
  ...floatSumAggregates,
  ...objectSumAggregates,
]
  .filter(({ name }) => name === 'avg')
  .map((average, at) => ({ ...average, name: 'mean', oid: FIRST_OID + at, aliasOf: average }));
