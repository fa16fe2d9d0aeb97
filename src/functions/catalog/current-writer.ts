import { xid } from '../../types/oid.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { stable, systemOf } from './define-catalog.ts';

/** No statement can call it: nothing has its OID or its name. */
const NO_OID = 0;

/** The number of the transaction that is writing, which the rows that it writes have as their xmin. */
export const currentWriter = defineScalar(
  'tidewire.writer',
  NO_OID,
  [],
  xid,
  (environment: FunctionEnvironment) => systemOf(environment).writerNumber(),
  stable,
);
