import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const INDEX = 'README.md';

/** A page of all results in a folder, as far as they were written: of each its title, what it is about, and its chart. */
export function resultsIndex(folder) {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.md') && file !== INDEX)
    .map((file) => file.slice(0, -3))
    .sort();
  const parts = [
    '# Results',
    'What the last full runs of `npm run bench` have written; [how it is measured](../README.md).',
  ];
  for (const name of names) {
    const [heading, intro] = readFileSync(join(folder, `${name}.md`), 'utf8').split('\n\n');
    const title = heading.replace(/^# /, '');
    parts.push(`## [${title}](${name}.md)`, intro);
    if (existsSync(join(folder, `${name}.svg`))) parts.push(`![${title}](${name}.svg)`);
  }
  return `${parts.join('\n\n')}\n`;
}
