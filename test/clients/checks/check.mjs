// What the JavaScript programs share: checks that say what they saw, one JSON line each.
import { writeSync } from 'node:fs';

export const SIDE = process.env.CLIENT_SIDE;
export const URL = process.env.DATABASE_URL;

/** The version of the client, and of the driver below it. */
export function version(text) {
  say({ version: text });
}

/** What the function returns is compared with what it returns on PostgreSQL. */
export async function check(name, run) {
  try {
    say({ check: name, value: plain(await run()) });
  } catch (error) {
    if (error instanceof Skip) say({ check: name, skipped: error.message });
    else say({ check: name, error: `${error.name}: ${error.message} ${error.code ?? ''}`.trim() });
  }
}

/** Thrown in a check that cannot be made here. */
export class Skip extends Error {}

/** The code and the message of what a call throws; null when it throws nothing. */
export async function thrown(run) {
  try {
    await run();
    return null;
  } catch (error) {
    const cause = error.cause ?? error;
    return [error.code ?? cause.code ?? error.name, error.message];
  }
}

/** JSON for a value; what JSON does not have is told by its class and its text. */
export function plain(value) {
  if (value === undefined) return null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : `number ${Object.is(value, -0) ? '-0' : value}`;
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set) return plain([...value]);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return String(value);
}

/** At once, so that nothing is lost when the process is ended. */
function say(entry) {
  writeSync(1, `${JSON.stringify(entry)}\n`);
}
