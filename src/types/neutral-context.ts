import { UTC } from './time-zone.ts';
import type { TypeContext } from './type-definition.ts';

/**
 * Settings that belong to no session: for values on disk, in stored SQL and in plans, which everybody reads alike.
 * Relations (regclass) are numbers, which survive a new name.
 */
export const neutralContext: TypeContext = {
  timeZone: UTC,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: 0,
};
