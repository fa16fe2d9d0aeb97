import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SUITES } from '../suites.ts';
import { clientsDocument } from './clients-document.ts';
import { DOCUMENT, RESULTS_FILE, readResults } from './results.ts';

test(`${DOCUMENT} says what ${RESULTS_FILE} has (npm run test:clients -- --write)`, async () => {
  expect(await readFile(DOCUMENT, 'utf8')).toBe(clientsDocument(SUITES, await readResults()));
});

test('every suite has been run, has compared and has failed nowhere', async () => {
  const results = await readResults();
  expect(results.map(({ suite }) => suite)).toEqual(SUITES.map(({ name }) => name));
  for (const { comparedWith, checks } of results) {
    expect(comparedWith).toMatch(/^PostgreSQL 15/);
    expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  }
});

test('suites have names that are told apart', () => {
  expect(new Set(SUITES.map(({ name }) => name)).size).toBe(SUITES.length);
});
