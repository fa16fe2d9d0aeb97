import { parseArgs } from 'node:util';
import { SUITES } from '../suites.ts';
import { DOCUMENT, RESULTS_FILE, writeResults } from './results.ts';
import { runSuite, type SuiteResult } from './run-suite.ts';
import { Workshop } from './workshop.ts';

const SHOWN_LINES = 16;
const SHOWN_CHARACTERS = 400;

const USAGE = `npm run test:clients -- [options]

Runs real clients against the built server, each suite against a server of its own, and beside it on a PostgreSQL 15.
What a client needs is installed: with apt-get (as root), from PyPI, npm, Maven Central … Where that cannot be had, the
suite is skipped, and the reason said.
  --url URL       of the PostgreSQL 15; default $POSTGRES_URL; without one nothing is compared
  --server MAIN   the main.js of our server; default dist/main.js
  --only NAME     this suite, or those whose names begin so; may be repeated
  --offline       fetch nothing: what is not there is skipped
  --cache DIR     where what was fetched is kept; default ~/.cache/tidewire-clients
  --verbose       say every check
  --write         take the results over into ${RESULTS_FILE} and ${DOCUMENT}
  --document      run nothing, and write ${DOCUMENT} anew from ${RESULTS_FILE}
  --list          say the names of the suites`;

/** The command line of the client suites; resolves to the exit code. */
export async function clients(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      server: { type: 'string', default: 'dist/main.js' },
      only: { type: 'string', multiple: true },
      offline: { type: 'boolean', default: false },
      cache: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.list) {
    console.log(values.help ? USAGE : SUITES.map(({ name }) => name).join('\n'));
    return 0;
  }
  if (values.document) {
    await writeResults(SUITES, []);
    return 0;
  }
  const chosen = SUITES.filter(({ name }) => values.only?.some((wanted) => name.startsWith(wanted)) ?? true);
  if (chosen.length === 0) {
    console.error(`there is no suite ${values.only?.join(', ')}`);
    return 2;
  }
  const workshop = new Workshop({
    isOffline: values.offline,
    ...(values.cache === undefined ? {} : { folder: values.cache }),
  });
  const results: SuiteResult[] = [];
  for (const suite of chosen) {
    const startMs = performance.now();
    const result = await runSuite(suite, {
      workshop,
      postgresUrl: values.url ?? process.env.POSTGRES_URL,
      main: values.server,
    });
    results.push(result);
    // At once: a later suite may end the run.
    if (values.write) await writeResults(SUITES, [result]);
    console.log(line(result, (performance.now() - startMs) / 1000));
    for (const { name, outcome, detail } of result.checks) {
      if (outcome === 'failed' || values.verbose) {
        console.log(`    ${outcome}: ${name}${shown(detail)}`);
      }
    }
  }
  const failed = results.filter(({ checks }) => checks.some(({ outcome }) => outcome === 'failed'));
  if (failed.length > 0) console.log(`failed: ${failed.map(({ suite }) => suite).join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

function line({ suite, version, skipped, checks }: SuiteResult, seconds: number): string {
  if (skipped !== undefined) return `${suite}: skipped: ${skipped}`;
  const count = (wanted: string): number => checks.filter(({ outcome }) => outcome === wanted).length;
  const parts = ['passed', 'differs', 'failed', 'skipped'].flatMap((outcome) =>
    count(outcome) === 0 ? [] : [`${count(outcome)} ${outcome}`],
  );
  return `${suite} (${version}): ${parts.join(', ')} in ${seconds.toFixed(1)} s`;
}

function shown(detail: string | undefined): string {
  if (detail === undefined) return '';
  const lines = detail.split('\n').slice(0, SHOWN_LINES);
  return lines.map((text) => `\n      ${text.slice(0, SHOWN_CHARACTERS)}`).join('');
}
