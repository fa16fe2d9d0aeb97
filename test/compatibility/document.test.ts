import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compatibilityDocument } from './document.ts';

test('docs/postgres-compatibility.md is what the registries and tests say, and claims nothing untested', async () => {
  const { text, unshown } = await compatibilityDocument();
  expect(unshown).toEqual([]);
  const stored = readFileSync(new URL('../../docs/postgres-compatibility.md', import.meta.url), 'utf8');
  expect(stored, 'run: npm run docs:compatibility').toBe(text);
});
