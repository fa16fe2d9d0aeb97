import { UTC } from '../../types/time-zone.ts';
import type { TypeContext } from '../../types/type-definition.ts';

/** Settings under which values are read back from disk: fixed, so that no session's settings change what was stored. */
export const storageContext: TypeContext = {
  timeZone: UTC,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: 0,
};
