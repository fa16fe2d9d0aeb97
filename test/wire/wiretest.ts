import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startTidewireServer } from '../support/tidewire-server.ts';
import { findWireScripts } from './find-wire-scripts.ts';
import { fitsOnePacket, type Pace, runWireScript } from './run-wire-script.ts';
import { formatWireScript, parseWireScript } from './wire-script.ts';

const USAGE = `npm run wiretest -- [FILE | FOLDER …] [--url postgres://…] [--rewrite]

Plays wire scripts, all of test/pgwire/scripts by default, against the built server, which it starts.
  --url URL      against a running PostgreSQL instead; each script works in a schema of its own, dropped at the end
  --rewrite      with --url: writes PostgreSQL's answers into the scripts
  --tidewire     the server at URL is a Tidewire
  --rewrite-own  writes Tidewire's answers, but into the scripts marked "only tidewire" alone
  --server MAIN  the main.js of the server to start; default dist/main.js
  --pace PACE    message, byte or packet; default: all three against Tidewire, message against PostgreSQL`;

/** The command line of the wire scripts; resolves to the exit code. */
export async function wiretest(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      rewrite: { type: 'boolean', default: false },
      'rewrite-own': { type: 'boolean', default: false },
      tidewire: { type: 'boolean', default: false },
      server: { type: 'string' },
      pace: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const engine = values.url !== undefined && !values.tidewire ? 'postgresql' : 'tidewire';
  if (values.rewrite && engine !== 'postgresql') {
    console.error('--rewrite needs --url of a PostgreSQL: the answers are its answers');
    return 2;
  }
  if (values['rewrite-own'] && engine !== 'tidewire') {
    console.error('--rewrite-own is for scripts which PostgreSQL does not see');
    return 2;
  }
  const records = values.rewrite || values['rewrite-own'];
  const paces = (values.pace ??
    (records || engine === 'postgresql' ? ['message'] : ['message', 'byte', 'packet'])) as Pace[];
  const files = await findWireScripts(positionals);
  const server =
    values.url === undefined
      ? await startTidewireServer(values.server === undefined ? {} : { main: resolve(values.server) })
      : undefined;
  const url = values.url ?? server?.url ?? '';
  let played = 0;
  let failed = 0;
  try {
    await eachInTurn(files, PLAYED_AT_ONCE, play);
  } finally {
    await server?.stop();
  }
  console.log(`${files.length} scripts, ${played} played, ${failed} failed`);
  return failed === 0 ? 0 : 1;

  async function play(path: string): Promise<void> {
    const text = await readFile(path, 'utf8');
    const script = parseWireScript(path, text);
    if (script.only !== undefined && script.only !== engine) return;
    if (values['rewrite-own'] && script.only !== 'tidewire') return;
    for (const pace of paces) {
      if (pace === 'packet' && !fitsOnePacket(script)) continue;
      played++;
      try {
        const { failure, answered } = await runWireScript(script, { url, pace, records });
        if (failure !== undefined) {
          failed++;
          console.log(`${pace}: ${failure}\n`);
        }
        if (records && formatWireScript(answered) !== text) {
          await writeFile(path, formatWireScript(answered));
          console.log(`rewrote ${path}`);
        }
      } catch (error) {
        failed++;
        console.log(`${pace}: ${path}: ${(error as Error).message}\n`);
      }
    }
  }
}

/** Scripts work in schemas of their own, so some of them play at the same time. */
const PLAYED_AT_ONCE = 6;

async function eachInTurn<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const player = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, player));
}
