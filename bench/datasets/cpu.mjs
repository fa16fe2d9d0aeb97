import { join } from 'node:path';
import { CPU_FIELDS, CPU_TAGS } from '../generators/cpu-columns.mjs';
import { CpuPoints } from '../generators/cpu-points.mjs';
import { generatedFile } from './generated-file.mjs';

const TAG_DEFINITION = `id int PRIMARY KEY, ${CPU_TAGS.map((name) => `${name} text`).join(', ')}`;
const POINT_DEFINITION = `time timestamptz NOT NULL, tags_id int, hostname text, ${CPU_FIELDS.map((name) => `${name} bigint`).join(', ')}`;
const FULL_VIEW = `CREATE VIEW cpu_full AS SELECT c.time, ${CPU_TAGS.map((name) => `t.${name}`).join(', ')}, ${CPU_FIELDS.join(', ')} FROM cpu c JOIN tags t ON t.id = c.tags_id`;

/**
 * TSBS' cpu set: a point of 10 integer fields every 10 s per host. Everybody has one wide table but PostgreSQL, which
 * has TSBS' two (`tags`, and `cpu` with the host's name in it); `cpu_full` joins them for the comparison of answers.
 *
 * Its rows lie in files, or with `isStreamed` come from the generator each time that somebody wants them.
 */
export function cpuDataset({ hosts = 100, days = 3, isStreamed = false } = {}) {
  const name = `cpu-${hosts}x${days}`;
  const source = isStreamed ? streams({ hosts, days }) : files(name, { hosts, days });
  return {
    name,
    rowCount: hosts * days * 8640,
    lineProtocol: source.lines,
    tables: [
      {
        name: 'cpu',
        tags: CPU_TAGS,
        fields: CPU_FIELDS.map((field) => [field, 'bigint']),
        clickhouseOrder: '(hostname, time)',
        ...source.wide,
      },
    ],
    postgresTables: [
      { name: 'tags', definition: TAG_DEFINITION, ...source.tags },
      {
        name: 'cpu',
        definition: POINT_DEFINITION,
        postgresIndexes: ['(hostname, time DESC)', '(time DESC)'],
        ...source.normalised,
      },
    ],
    postgresAfterLoad: [FULL_VIEW],
  };
}

function files(name, { hosts, days }) {
  const folder = generatedFile(name, 'gen_cpu.mjs', [String(hosts), String(days)], { isFolder: true });
  return {
    lines: join(folder, 'cpu.lp'),
    wide: { csv: join(folder, 'cpu.csv'), hasHeader: true },
    tags: { csv: join(folder, 'tags.csv') },
    normalised: { csv: join(folder, 'cpu_pg.csv') },
  };
}

function streams({ hosts, days }) {
  const points = (format) =>
    function* () {
      for (const [text] of new CpuPoints(hosts).chunks(days, format)) yield Buffer.from(text);
    };
  const tags = () => [Buffer.from(new CpuPoints(hosts).tagRows())];
  return {
    lines: points('lines'),
    wide: { csv: points('csv') },
    tags: { csv: tags },
    normalised: { csv: points('normalised') },
  };
}
