import type { Value } from '../types/value.ts';
import { RANGE_FACTS } from './facts/range-facts.ts';
import { numberIn, readFacts } from './facts/read-facts.ts';

const COLUMNS = ['rngtypid', 'rngsubtype', 'rngmultitypid', 'rngcollation', 'rngsubopc', 'rngcanonical', 'rngsubdiff'];

/** Range types, with what orders their bounds. */
export function* pgRangeRows(): Iterable<Value[]> {
  for (const fact of readFacts(RANGE_FACTS)) yield COLUMNS.map((column) => numberIn(fact[column] ?? null));
}
