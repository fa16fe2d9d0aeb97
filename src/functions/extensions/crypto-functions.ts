import { createHash, createHmac } from 'node:crypto';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bytea } from '../../types/bytea.ts';
import { int4 } from '../../types/int4.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

const ALGORITHMS = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']);
const MAX_RANDOM_BYTES = 1024;

/** Throws 22023 for a hash that there is none of. */
function algorithmNamed(name: string): string {
  const folded = name.toLowerCase();
  if (ALGORITHMS.has(folded)) return folded;
  throw new SqlError(SqlState.InvalidParameterValue, `Cannot use "${folded}": No such hash algorithm`);
}

function digest(data: string | Uint8Array, algorithm: string): Uint8Array {
  return Uint8Array.from(createHash(algorithmNamed(algorithm)).update(data).digest());
}

function hmac(data: string | Uint8Array, key: string | Uint8Array, algorithm: string): Uint8Array {
  return Uint8Array.from(createHmac(algorithmNamed(algorithm), key).update(data).digest());
}

/** Throws 39000, as PostgreSQL does, for no bytes and for too many. */
function randomBytes(environment: FunctionEnvironment, count: number): Uint8Array {
  if (count < 1 || count > MAX_RANDOM_BYTES) {
    throw new SqlError(SqlState.ExternalRoutineInvocationException, 'Length not in range');
  }
  const bytes = new Uint8Array(count);
  environment.fillRandom(bytes);
  return bytes;
}

/** What there is of the extension pgcrypto. */
export const cryptoFunctions: readonly ScalarFunction[] = [
  defineScalar('digest', 15_270, [text, text], bytea, digest),
  defineScalar('digest', 15_271, [bytea, text], bytea, digest),
  defineScalar('hmac', 15_272, [text, text, text], bytea, hmac),
  defineScalar('hmac', 15_273, [bytea, bytea, text], bytea, hmac),
  defineScalar('gen_random_bytes', 15_274, [int4], bytea, randomBytes, {
    volatility: 'volatile',
    usesEnvironment: true,
  }),
];
