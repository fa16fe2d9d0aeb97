import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StatementClient } from '../../support/statement-client.ts';
import { difference } from './compare.ts';
import { exceptionFor } from './exceptions.ts';
import { parametersOf } from './parameters.ts';
import { Side } from './side.ts';

const SEPARATOR = /^-- ;;$/m;
/** Nothing that waits, reaches beyond its database, or ends somebody's session. */
const OUT_OF_BOUNDS = /pg_sleep|pg_terminate|pg_cancel|\balter\s+system|\bprepare\s+transaction|\blisten\b.*\bwait/i;
const CHANGES = /^\s*(create|alter|drop|insert|update|delete|with|comment|grant|truncate|commit|copy|do)\b/im;

export interface Outcome {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly statement: string;
  /** Undefined: alike. */
  readonly difference: string | undefined;
  /** Why the difference is as it should be. */
  readonly reason: string | undefined;
  /** Ours failed where PostgreSQL did not. */
  readonly hasFailed: boolean;
  readonly ourMs: number;
  readonly theirMs: number;
}

export interface CorpusOptions {
  readonly directory: string;
  readonly ourUrl: string;
  /** Of a database that is there for this alone. */
  readonly postgresUrl: string;
  /** Files whose path has this in it. */
  readonly only?: string | undefined;
}

/** Runs each file of statements on sessions of its own on both servers. */
export async function runCorpus({ directory, ourUrl, postgresUrl, only }: CorpusOptions): Promise<Outcome[]> {
  const ours = new Side(ourUrl);
  const theirs = new Side(postgresUrl);
  const describer = await StatementClient.connect(postgresUrl);
  const outcomes: Outcome[] = [];
  const reset = () => Promise.all([ours.reset(), theirs.reset()]);
  try {
    await reset();
    const paths = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.sql')).sort();
    for (const file of paths.filter((path) => only === undefined || path.includes(only))) {
      const statements = (await readFile(join(directory, file), 'utf8')).split(SEPARATOR).map((text) => text.trim());
      await Promise.all([ours.connect(), theirs.connect()]);
      for (const [at, statement] of statements.entries()) {
        if (statement === '' || OUT_OF_BOUNDS.test(statement)) continue;
        outcomes.push(await runOne({ file, number: at + 1, statement, ours, theirs, describer }));
        if (/^\s*(create|alter)\b/i.test(statement)) await Promise.allSettled([ours.learnNames(), theirs.learnNames()]);
      }
      if (statements.some((statement) => CHANGES.test(statement))) await reset();
    }
  } finally {
    await Promise.all([ours.end(), theirs.end(), describer.end()]);
  }
  return outcomes;
}

interface One {
  readonly file: string;
  readonly number: number;
  readonly statement: string;
  readonly ours: Side;
  readonly theirs: Side;
  readonly describer: StatementClient;
}

async function runOne({ file, number, statement, ours, theirs, describer }: One): Promise<Outcome> {
  const values = /\$\d/.test(statement) ? parametersOf(statement, await parameterTypes(describer, statement)) : [];
  const isExtended = !file.startsWith('psql') && !/;\s*\S/.test(statement);
  const request = { sql: statement, extended: isExtended, values };
  const other = await theirs.ask(request);
  const own = await ours.ask(request).catch(() => undefined);
  // What follows an error on one side only says nothing.
  if (own?.transactionStatus !== other.transactionStatus) {
    await Promise.allSettled([ours.ask({ sql: 'ROLLBACK' }), theirs.ask({ sql: 'ROLLBACK' })]);
  }
  const found = own === undefined ? 'the connection broke' : difference(statement, ours, own, theirs, other);
  return {
    file,
    number,
    statement,
    difference: found,
    reason: found === undefined ? undefined : exceptionFor(file, statement, found),
    hasFailed: own === undefined || (own.error !== undefined && other.error === undefined),
    ourMs: ours.lastMs,
    theirMs: theirs.lastMs,
  };
}

async function parameterTypes(describer: StatementClient, statement: string): Promise<readonly string[]> {
  await describer.ask('DEALLOCATE ALL');
  await describer.ask({ sql: `PREPARE described AS ${statement}` });
  const answer = await describer.ask('SELECT unnest(parameter_types)::text FROM pg_prepared_statements');
  const types = answer.results[0]?.rows.map(([type]) => type?.toString() ?? 'text') ?? [];
  if (types.length > 0) return types;
  const highest = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, digits]) => Number(digits)));
  return new Array<string>(highest).fill('text');
}
