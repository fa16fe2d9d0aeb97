import { cidr, inet, networkOf } from '../../types/inet.ts';
import { macaddr, macaddr8, widened } from '../../types/macaddr.ts';
import { bpchar, text, varchar } from '../../types/string-types.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast, total } from '../define.ts';
import { textOfInet } from '../network/inet-functions.ts';
import { narrowed } from '../network/macaddr-functions.ts';

const toTexts: readonly CastDefinition[] = [inet, cidr].flatMap((source) =>
  [text, varchar, bpchar].map((target) => ({ source, target, context: 'assignment', method: textOfInet }) as const),
);

export const networkCasts: readonly CastDefinition[] = [
  { source: cidr, target: inet, context: 'implicit', method: 'relabel' },
  defineCast(inet, cidr, 'assignment', 1715, networkOf, total),
  ...toTexts,
  defineCast(macaddr, macaddr8, 'implicit', 4123, widened, total),
  defineCast(macaddr8, macaddr, 'implicit', 4124, narrowed),
];
