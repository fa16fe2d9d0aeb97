import { rangePairs } from '../../types/ranges.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast, total } from '../define.ts';
import { multirangeOids } from '../range/constructor-oids.ts';
import { asMultirange } from '../range/multirange-algebra.ts';

/** A range as the set of itself. */
export const rangeCasts: readonly CastDefinition[] = rangePairs.map(({ range, multirange }) =>
  defineCast(range, multirange, 'explicit', multirangeOids[multirange.name]?.[1] ?? 0, asMultirange, total),
);
