import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { oid } from '../../types/oid.ts';
import { voidType } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment, PeerFacts } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

const volatileWithEnvironment = { volatility: 'volatile', usesEnvironment: true } as const;

function peersOf({ peers }: FunctionEnvironment): PeerFacts {
  if (peers === undefined) throw notSupported('looking at other sessions outside a session');
  return peers;
}

const cancel = (environment: FunctionEnvironment, processId: number): boolean =>
  peersOf(environment).signal(processId, 'cancel');

/** The session is gone when its statement has felt it; nobody waits for that, however long `timeout` is. */
function terminate(environment: FunctionEnvironment, processId: number, timeout: Int64 = 0): boolean {
  if (timeout < 0) throw new SqlError(SqlState.NumericValueOutOfRange, '"timeout" must not be negative');
  return peersOf(environment).signal(processId, 'terminate');
}

const blockingPids = (environment: FunctionEnvironment, processId: number): SqlArray =>
  new SqlArray([...peersOf(environment).blocking(processId)]);

/** 0 stands for any. */
function resetStatements(environment: FunctionEnvironment, roleOid = 0, databaseOid = 0, queryId: Int64 = 0): string {
  peersOf(environment).forgetStatements({
    ...(roleOid === 0 ? {} : { roleOid }),
    ...(databaseOid === 0 ? {} : { databaseOid }),
    ...(Number(queryId) === 0 ? {} : { queryId: BigInt(queryId) }),
  });
  return '';
}

function reload(environment: FunctionEnvironment): boolean {
  peersOf(environment).reload();
  return true;
}

/** What a session can do to others (PostgreSQL's manual, "Server Signaling Functions"). */
export const sessionSignalFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_cancel_backend', 2171, [int4], bool, cancel, volatileWithEnvironment),
  defineScalar('pg_terminate_backend', 2096, [int4, int8], bool, terminate, {
    ...volatileWithEnvironment,
    argumentNames: ['pid', 'timeout'],
    defaults: [0],
  }),
  defineScalar('pg_reload_conf', 2621, [], bool, reload, volatileWithEnvironment),
  defineScalar('pg_blocking_pids', 2561, [int4], arrayTypeOf(int4)!, blockingPids, volatileWithEnvironment),
  defineScalar('pg_stat_statements_reset', 9310, [oid, oid, int8], voidType, resetStatements, {
    ...volatileWithEnvironment,
    argumentNames: ['userid', 'dbid', 'queryid'],
    defaults: [0, 0, 0],
  }),
];
