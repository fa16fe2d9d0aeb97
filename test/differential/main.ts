import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StatementClient } from '../support/statement-client.ts';
import { runCalls } from './call-run.ts';
import { runCorpus } from './corpus.ts';
import { DifferentialRun } from './differential-run.ts';
import { startEngines } from './engine.ts';
import { EXPLANATIONS } from './explained.ts';
import { generateCalls } from './generator/calls.ts';
import { loadCatalogue } from './generator/catalogue.ts';
import { FEATURES } from './generator/expressions.ts';
import { hasFailed, writeReport } from './report.ts';
import { supportedBy } from './supported.ts';

const USAGE = `npm run test:differential -- [options]

Runs generated statements on the built server, which it starts, and on a PostgreSQL, and compares all they say.
  --statements N   how many; default 2000
  --seed S         the same seed, the same statements; default 1
  --round R        begin with the tables of round R, as the report names it; default 0
  --url URL        of the PostgreSQL 15; default $POSTGRES_URL (npm run postgres -- COMMAND sets it)
  --server MAIN    the main.js of our server; default dist/main.js
  --calls N        instead of statements, up to N calls of each function, operator and cast over constants, and all
                   texts as all types
  --keep-going     do not stop at the first difference
  --all-functions  also call what PostgreSQL has and we have not; that is then counted as refused
  --without F,G    leave features out of the statements: ${FEATURES.join(', ')}
  --shrink N       make at most so many differences simpler; default 40
  --corpus DIR     also run the recorded statements of clients in DIR; they are only reported
  --explained      also list every statement whose difference is explained
  --report FILE    writes what was found to FILE as well`;

/** The command line of the differential runner; resolves to the exit code. */
export async function differential(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      statements: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      round: { type: 'string', default: '0' },
      url: { type: 'string' },
      server: { type: 'string', default: 'dist/main.js' },
      calls: { type: 'string' },
      'keep-going': { type: 'boolean', default: false },
      'all-functions': { type: 'boolean', default: false },
      without: { type: 'string', default: '' },
      shrink: { type: 'string', default: '40' },
      corpus: { type: 'string' },
      explained: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const url = values.url ?? process.env.POSTGRES_URL;
  if (values.help || url === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const main = resolve(values.server);
  const supported = values['all-functions'] ? undefined : await supportedBy(main);
  const catalogue = await readCatalogue(url);
  const engines = await startEngines(main, url);
  const startedAt = performance.now();
  try {
    if (values.corpus !== undefined) console.log(await runCorpus(values.corpus, main, url));
    const say = (line: string) => console.error(line);
    const seed = wholeNumber(values.seed);
    const run = new DifferentialRun(engines, {
      statements: wholeNumber(values.statements),
      seed,
      firstRound: wholeNumber(values.round),
      catalogue,
      supported,
      without: featuresOf(values.without),
      shrinkAtMost: wholeNumber(values.shrink),
      stopsAtFirst: !values['keep-going'],
      say,
    });
    const outcome =
      values.calls === undefined
        ? await run.run()
        : await runCalls(engines, generateCalls(seed, wholeNumber(values.calls), catalogue, supported), say);
    for (const line of engines.lastErrors().slice(-5)) console.error(line);
    const report = writeReport(outcome, EXPLANATIONS, (performance.now() - startedAt) / 1000, {
      listsExplained: values.explained,
    });
    console.log(report);
    if (values.report !== undefined) await writeFile(values.report, report);
    return hasFailed(outcome) ? 1 : 0;
  } finally {
    await engines.end();
  }
}

function featuresOf(text: string): ReadonlySet<string> {
  const names = text.split(',').filter(Boolean);
  const unknown = names.find((name) => !(FEATURES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--without knows ${FEATURES.join(', ')}, not "${unknown}"`);
  return new Set(names);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`a whole number is expected, not "${text}"`);
  return Number(text);
}

async function readCatalogue(url: string) {
  const client = await StatementClient.connect(url);
  try {
    return await loadCatalogue(async (text) => {
      const { results, error } = await client.ask(text);
      if (error !== undefined) throw new Error(`${text}: ${error.get('M')}`);
      return results[0].rows.map((row) => row.map((value) => value?.toString('utf8') ?? null));
    });
  } finally {
    await client.end();
  }
}
