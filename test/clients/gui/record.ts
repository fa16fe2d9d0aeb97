import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { StatementClient } from '../../support/statement-client.ts';
import { type Answers, askAll } from './ask-questions.ts';

const FILE = 'test/clients/gui/answers.json';
const FORMATTER = 'node_modules/@biomejs/biome/bin/biome';

const USAGE = `npm run test:gui:record -- --url URL

Asks a PostgreSQL 15 what tools with windows ask, and writes its answers into ${FILE}.`;

/** The command line that records the answers; resolves to the exit code. */
export async function record(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' } } });
  const url = values.url ?? process.env.POSTGRES_URL;
  if (url === undefined) {
    console.log(USAGE);
    return 2;
  }
  const database = `gui_${process.pid}`;
  const keeper = await StatementClient.connect(url);
  await keeper.ask(`CREATE DATABASE ${database} TEMPLATE template0`);
  const own = new URL(url);
  own.pathname = `/${database}`;
  try {
    const answers: Answers = await askAll(own.href);
    await writeFile(FILE, JSON.stringify(answers));
    execFileSync(process.execPath, [FORMATTER, 'format', '--write', FILE]);
    for (const [title, { columns }] of Object.entries(answers)) {
      if (columns.startsWith('error')) console.log(`${title}: ${columns}`);
    }
  } finally {
    await keeper.ask(`DROP DATABASE ${database} WITH (FORCE)`);
    await keeper.end();
  }
  return 0;
}
