import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Side, SuiteContext, SuiteRun } from './client-suite.ts';
import { compareTranscripts, parseTranscript, type Transcript } from './transcript.ts';

const PROGRAM_WITHIN_MS = 150_000;
const KEPT_TALK = 2_000;

/** What programs share, in their languages: test/clients/checks. */
export const CHECKS_FOLDER = fileURLToPath(new URL('../checks/', import.meta.url));

export interface Program {
  readonly command: string;
  readonly arguments?: readonly string[];
  /** Beside the ones that tell the server, of which `environmentOf` speaks. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input?: string;
  /** Why some checks must differ from PostgreSQL, by the check's name. */
  readonly differences?: Readonly<Record<string, string>>;
}

/**
 * Runs the program on both sides at once and compares what it says. It finds the server in the environment, works in a
 * folder of its own and prints the lines of `parseTranscript`.
 */
export async function runOnBothSides({ ours, theirs }: SuiteContext, program: Program): Promise<SuiteRun> {
  const [our, their] = await Promise.all([
    transcriptOf(program, ours),
    theirs === undefined ? undefined : transcriptOf(program, theirs),
  ]);
  return {
    version: our.version || (their?.version ?? ''),
    checks: compareTranscripts(our, their, program.differences),
  };
}

/** Runs the program on one side. That it did not end well is a check that failed. */
export async function transcriptOf(program: Program, side: Side): Promise<Transcript> {
  const { output, talk, code } = await runProgram(program, side);
  const transcript = parseTranscript(output);
  const checks = new Map(transcript.checks);
  const end = 'the program runs to its end';
  if (code !== 0 || checks.size === 0)
    checks.set(end, { error: `exit code ${code}: ${(talk || output).slice(-KEPT_TALK)}` });
  else checks.set(end, { value: true });
  return { version: transcript.version, checks };
}

/** Resolves to what the program wrote, and how it ended: null when it had to be killed. */
export async function runProgram(
  program: Program,
  side: Side,
): Promise<{ readonly output: string; readonly talk: string; readonly code: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewire-client-'));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program.command, program.arguments ?? [], {
        cwd: folder,
        env: { ...environmentOf(side, folder), ...program.environment },
        stdio: 'pipe',
      });
      let output = '';
      let talk = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        talk += text;
      });
      const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_WITHIN_MS);
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ output, talk, code });
      });
      // A program that reads nothing may be gone before it was written to.
      child.stdin.on('error', () => {});
      child.stdin.end(program.input ?? '');
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** libpq's variables, the same as a URL, and on which side the program is. Nothing of the user's own settings. */
export function environmentOf(side: Side, home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PGHOST: side.host,
    PGPORT: String(side.port),
    PGUSER: side.user,
    PGDATABASE: side.database,
    DATABASE_URL: side.url,
    CLIENT_SIDE: side.kind,
    PYTHONPATH: CHECKS_FOLDER,
    PYTHONDONTWRITEBYTECODE: '1',
    PERL5LIB: CHECKS_FOLDER,
  };
}
