import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { xid } from '../../types/oid.ts';
import { catalogTypeByName } from '../../types/type-registry.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf, volatile } from './define-catalog.ts';

const xid8 = catalogTypeByName('xid8') ?? int8;
const pgLsn = catalogTypeByName('pg_lsn') ?? int8;

/** Smaller numbers are of no transaction, and older than any. */
const FIRST_NORMAL = 3;
const OLDEST_AGE = 2_147_483_647;
const MODULUS = 2 ** 32;

const transactionId = (environment: FunctionEnvironment): number => systemOf(environment).transactionId();

/** How many numbers ago: numbers go around after 2^32. */
function age(environment: FunctionEnvironment, number: number): number {
  if (number < FIRST_NORMAL) return OLDEST_AGE;
  const distance = (transactionId(environment) - number) % MODULUS;
  return distance > OLDEST_AGE ? distance - MODULUS : distance;
}

/**
 * Numbers of transactions, by which clients tell what has changed since they looked last. Here the states of the catalog
 * are counted, which is what they look at.
 */
export const transactionIdFunctions: readonly ScalarFunction[] = [
  defineScalar('txid_current', 2943, [], int8, transactionId, stable),
  defineScalar('txid_current_if_assigned', 3348, [], int8, () => null, stable),
  defineScalar('pg_current_xact_id', 5059, [], xid8, transactionId, stable),
  defineScalar('pg_current_xact_id_if_assigned', 5060, [], xid8, () => null, stable),
  defineScalar('age', 1181, [xid], int4, age, stable),
  defineScalar('mxid_age', 3939, [xid], int4, () => OLDEST_AGE, stable),
  defineScalar('pg_last_wal_receive_lsn', 3820, [], pgLsn, () => null, volatile),
  defineScalar('pg_last_wal_replay_lsn', 3821, [], pgLsn, () => null, volatile),
];
