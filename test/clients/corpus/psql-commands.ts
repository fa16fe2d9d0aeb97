import { spawnSync } from 'node:child_process';
import { PSQL_EXCEPTIONS } from './exceptions.ts';

/** psql's commands about the catalogs: those whose answers are about the fixture, and those that list what the system has. */
export const PSQL_COMMANDS: readonly string[] = [
  ...['\\d', '\\d+', '\\d cpu', '\\d+ cpu', '\\d vendors', '\\d+ vendors', '\\d trips', '\\d+ trips', '\\d lab.notes'],
  ...[
    '\\d cpu_hourly',
    '\\d+ cpu_hourly',
    '\\d trips_id_seq',
    '\\d cpu_host_time_idx',
    '\\d lab.*',
    '\\d nothing_there',
  ],
  ...[
    '\\dt',
    '\\dt+',
    '\\dt lab.*',
    '\\dt *.notes',
    '\\di',
    '\\di+',
    '\\ds',
    '\\ds+',
    '\\dv',
    '\\dv+',
    '\\dm',
    '\\dE',
    '\\dP',
  ],
  ...[
    '\\l',
    '\\du',
    '\\du+',
    '\\dg',
    '\\dn',
    '\\dn+',
    '\\dn lab',
    '\\df',
    '\\df+',
    '\\dfa',
    '\\da lab.*',
    '\\dT',
    '\\dT+',
    '\\dT pay',
  ],
  ...[
    '\\dp',
    '\\dp cpu',
    '\\z',
    '\\ddp',
    '\\do lab.*',
    '\\dO lab.*',
    '\\dC pay',
    '\\dD',
    '\\db',
    '\\dx',
    '\\dx+',
    '\\dy',
  ],
  ...[
    '\\dL',
    '\\dRp',
    '\\dRs',
    '\\dF',
    '\\dFd',
    '\\dFp',
    '\\dFt',
    '\\dX',
    '\\dconfig bytea_output',
    '\\drds',
    '\\des',
    '\\dew',
  ],
  ...['\\det', '\\deu', '\\dl', '\\dd lab.*', '\\dA btree', '\\dA hash', '\\dAc btree integer', '\\dAf btree integer'],
  ...[
    '\\sv cpu_hourly',
    '\\sv+ cpu_daily',
    '\\df abs',
    '\\df+ abs',
    '\\df lower',
    '\\df time*',
    '\\da sum',
    '\\do ||',
    '\\dC integer',
  ],
  ...[
    '\\dT integer',
    '\\sf abs(integer)',
    '\\x \\\\ \\d vendors',
    '\\dconfig search_path',
    '\\encoding',
    '\\dc pg_catalog.nothing',
  ],
];

export interface CommandOutcome {
  readonly command: string;
  /** Undefined: the same text. */
  readonly difference: { readonly ours: string; readonly theirs: string } | undefined;
  /** Why that is as it should be. */
  readonly reason: string | undefined;
}

const SIZE = /\b\d+ (bytes|kB|MB|GB)\b/g;

export function hasPsql(): boolean {
  return spawnSync('psql', ['--version']).status === 0;
}

/** Asks both servers by psql itself. */
export function runPsqlCommands(ourUrl: string, postgresUrl: string): CommandOutcome[] {
  return PSQL_COMMANDS.map((command) => {
    const ours = output(ourUrl, command);
    const theirs = output(postgresUrl, command);
    if (ours === theirs) return { command, difference: undefined, reason: undefined };
    return { command, difference: { ours, theirs }, reason: PSQL_EXCEPTIONS[command] };
  });
}

/** What it prints, without the widths of columns, sizes and the names of the databases. */
function output(url: string, command: string): string {
  const commands = command.split(' \\\\ ').flatMap((part) => ['-c', part]);
  const { stdout, stderr } = spawnSync('psql', ['-X', url, ...commands], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8' },
  });
  const database = new URL(url).pathname.slice(1);
  return `${stdout}${stderr}`
    .replaceAll(database, '<database>')
    .replace(SIZE, '<size>')
    .replace(/ +/g, ' ')
    .replace(/-+\+?/g, '-')
    .replace(/ *$/gm, '');
}
