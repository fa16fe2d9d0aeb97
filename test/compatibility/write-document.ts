import { writeFileSync } from 'node:fs';
import { compatibilityDocument } from './document.ts';

const PATH = new URL('../../docs/postgres-compatibility.md', import.meta.url);

/** `npm run docs:compatibility`. The exit code is 1 while something that we have is shown by no test. */
export async function writeDocument(): Promise<number> {
  const { text, unshown } = await compatibilityDocument();
  writeFileSync(PATH, text);
  for (const what of unshown) console.error(`no test shows: ${what}`);
  return unshown.length === 0 ? 0 : 1;
}
