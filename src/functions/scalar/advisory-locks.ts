import { notSupported } from '../../errors/sql-error.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { voidType } from '../../types/pseudo-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { AdvisoryLockFacts, AdvisoryLockName, FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

type Act = (locks: AdvisoryLockFacts, name: AdvisoryLockName) => boolean | string;

const MASK = 0xffff_ffffn;

function lockFunction(name: string, oids: readonly [bigint: number, integers: number], act: Act): ScalarFunction[] {
  const of = (oid: number, types: readonly TypeDefinition[], resultType: TypeDefinition): ScalarFunction =>
    defineScalar(
      name,
      oid,
      types,
      resultType,
      (environment: FunctionEnvironment, ...values: Int64[]) => act(locksOf(environment), nameOf(values)),
      { volatility: 'volatile', usesEnvironment: true, countsCalls: true },
    );
  const resultType = name.includes('try') || name.includes('unlock') ? bool : voidType;
  return [of(oids[0], [int8], resultType), of(oids[1], [int4, int4], resultType)];
}

function locksOf({ advisoryLocks }: FunctionEnvironment): AdvisoryLockFacts {
  if (advisoryLocks === undefined) throw notSupported('an advisory lock outside a running statement');
  return advisoryLocks;
}

/** As pg_locks shows them: one bigint as its two halves. */
function nameOf([first, second]: readonly Int64[]): AdvisoryLockName {
  if (second !== undefined) return { classId: Number(first) >>> 0, objectId: Number(second) >>> 0, subId: 2 };
  const bits = BigInt.asUintN(64, BigInt(first));
  return { classId: Number(bits >> 32n), objectId: Number(bits & MASK), subId: 1 };
}

const lock =
  (mode: 'shared' | 'exclusive', scope: 'session' | 'transaction'): Act =>
  (locks, name) => {
    locks.lock(name, mode, scope);
    return '';
  };
const tryLock =
  (mode: 'shared' | 'exclusive', scope: 'session' | 'transaction'): Act =>
  (locks, name) =>
    locks.tryLock(name, mode, scope);
const unlock =
  (mode: 'shared' | 'exclusive'): Act =>
  (locks, name) =>
    locks.unlock(name, mode);

function unlockAll(environment: FunctionEnvironment): string {
  locksOf(environment).unlockAll();
  return '';
}

/** Locks on numbers that mean something to the application (PostgreSQL's manual, "Advisory Lock Functions"). */
export const advisoryLockFunctions: readonly ScalarFunction[] = [
  ...lockFunction('pg_advisory_lock', [2880, 2886], lock('exclusive', 'session')),
  ...lockFunction('pg_advisory_lock_shared', [2881, 2887], lock('shared', 'session')),
  ...lockFunction('pg_try_advisory_lock', [2882, 2888], tryLock('exclusive', 'session')),
  ...lockFunction('pg_try_advisory_lock_shared', [2883, 2889], tryLock('shared', 'session')),
  ...lockFunction('pg_advisory_unlock', [2884, 2890], unlock('exclusive')),
  ...lockFunction('pg_advisory_unlock_shared', [2885, 2891], unlock('shared')),
  ...lockFunction('pg_advisory_xact_lock', [3089, 3093], lock('exclusive', 'transaction')),
  ...lockFunction('pg_advisory_xact_lock_shared', [3090, 3094], lock('shared', 'transaction')),
  ...lockFunction('pg_try_advisory_xact_lock', [3091, 3095], tryLock('exclusive', 'transaction')),
  ...lockFunction('pg_try_advisory_xact_lock_shared', [3092, 3096], tryLock('shared', 'transaction')),
  defineScalar('pg_advisory_unlock_all', 2892, [], voidType, unlockAll, {
    volatility: 'volatile',
    usesEnvironment: true,
  }),
];
