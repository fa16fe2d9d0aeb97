import { UTC } from '../../src/types/time-zone.ts';
import type { TypeContext } from '../../src/types/type-definition.ts';

/** PostgreSQL's defaults, in UTC, in a transaction that began with the year 2000. */
export function typeContext(settings: Partial<TypeContext> = {}): TypeContext {
  return {
    timeZone: UTC,
    dateStyle: { format: 'ISO', order: 'MDY' },
    intervalStyle: 'postgres',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
    transactionStart: 0,
    ...settings,
  };
}
