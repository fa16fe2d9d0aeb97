import { UTC } from '../../types/time-zone.ts';
import type { TypeContext } from '../../types/type-definition.ts';

/** How text in files is read: ISO dates, UTC. */
export function importTypeContext(): TypeContext {
  return {
    timeZone: UTC,
    dateStyle: { format: 'ISO', order: 'YMD' },
    intervalStyle: 'postgres',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
    transactionStart: (Date.now() - Date.UTC(2000, 0, 1)) * 1000,
  };
}
