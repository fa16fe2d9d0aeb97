import { readFile, writeFile } from 'node:fs/promises';
import type { ClientSuite } from './client-suite.ts';
import { clientsDocument } from './clients-document.ts';
import type { SuiteResult } from './run-suite.ts';

export const RESULTS_FILE = 'test/clients/results.json';
export const DOCUMENT = 'docs/clients.md';

/** What was seen last, in the order of the suites. */
export async function readResults(): Promise<SuiteResult[]> {
  try {
    return JSON.parse(await readFile(RESULTS_FILE, 'utf8')) as SuiteResult[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Takes results over into the file and the document. What was not run keeps the results it had. */
export async function writeResults(suites: readonly ClientSuite[], results: readonly SuiteResult[]): Promise<void> {
  const before = await readResults();
  const ran = new Map(results.filter(({ skipped }) => skipped === undefined).map((result) => [result.suite, result]));
  const kept = suites.flatMap(({ name }) => ran.get(name) ?? before.find(({ suite }) => suite === name) ?? []);
  await writeFile(RESULTS_FILE, `${JSON.stringify(kept, undefined, 2)}\n`);
  await writeFile(DOCUMENT, clientsDocument(suites, kept));
}
