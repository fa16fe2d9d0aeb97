import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { allCasts } from '../../src/functions/cast-registry.ts';
import { allFunctions } from '../../src/functions/function-registry.ts';
import { allOperators } from '../../src/functions/operator-registry.ts';

const FOLDER = resolve(import.meta.dirname, '../../sql-tests');

const written = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.slt'))
  .map((path) => readFileSync(join(FOLDER, path), 'utf8').toLowerCase())
  .join('\n');

/** What stands behind an operator or a cast is shown by these. */
const shownOtherwise = new Set([
  ...allOperators().map((operator) => operator.function.oid),
  ...allCasts().map(({ method }) => (method === 'relabel' ? 0 : method.oid)),
]);

/** Functions that SQL writes as a word, without parentheses. */
const WORDS = new Set([
  'current_catalog',
  'current_date',
  'current_role',
  'current_schema',
  'current_time',
  'current_timestamp',
  'current_user',
  'localtime',
  'localtimestamp',
  'session_user',
  'user',
]);

test('every function that can be called by name is called in a SQL test', () => {
  const names = new Set(
    allFunctions()
      .filter(({ oid }) => !shownOtherwise.has(oid))
      .map(({ name }) => name),
  );
  const missing = [...names].filter((name) => {
    if (WORDS.has(name) && written.includes(name)) return false;
    return !written.includes(`${name}(`) && !written.includes(`"${name}"(`);
  });
  expect(missing).toEqual([]);
});

test('every operator is used in a SQL test', () => {
  const names = new Set(allOperators().map(({ name }) => name));
  expect([...names].filter((name) => !written.includes(` ${name} `) && !written.includes(`${name} `))).toEqual([]);
});
