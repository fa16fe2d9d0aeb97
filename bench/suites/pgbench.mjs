import { pgbenchProgram, preparePgbench, selectOnly } from '../lib/pgbench.mjs';
import { processorMs } from '../lib/process-facts.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';

const MODES = ['simple', 'extended', 'prepared'];
const CLIENTS = [1, 8];

/** PostgreSQL's own benchmark, its point queries by primary key: with us, and beside it with PostgreSQL. */
export async function pgbench(context) {
  const { peers, sizes } = context;
  const program = pgbenchProgram();
  if (program === undefined) {
    console.log('pgbench is not installed (Debian: apt-get install postgresql-15): nothing was measured');
    return [];
  }
  const [ours] = peers;
  const postgres = peers.find(({ name }) => name === 'postgres');
  const { scale, seconds } = sizes.pgbench;
  const servers = [
    { title: ours.title, connection: ours.server.connection, pid: ours.server.pid },
    ...(postgres === undefined ? [] : [{ title: postgres.title, connection: postgres.cluster.connection }]),
  ];
  for (const { connection } of servers) await preparePgbench(program, connection, scale);
  const figures = [];
  const rows = [];
  const groups = [];
  for (const mode of MODES) {
    for (const clients of CLIENTS) {
      const id = `${mode}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      const results = [];
      for (const { connection, pid } of servers) {
        const before = pid === undefined ? undefined : processorMs(pid);
        const result = await selectOnly(program, connection, { mode, clients, seconds });
        const spentMs = before === undefined ? undefined : processorMs(pid) - before;
        results.push({ ...result, micros: spentMs === undefined ? undefined : (spentMs * 1000) / result.count });
      }
      const [own, other] = results;
      const failure = results.find((result) => result.failure !== undefined)?.failure;
      rows.push([
        id,
        failure === undefined ? thousands(own.perSecond) : `FAILED: ${failure}`,
        own.micros?.toFixed(0) ?? '',
        ...(other === undefined
          ? ['']
          : [`${thousands(other.perSecond)} (${(own.perSecond / other.perSecond).toFixed(2)}×)`]),
      ]);
      figures.push({ id, value: own.perSecond, unit: 'transactions/s', ...(failure === undefined ? {} : { failure }) });
      groups.push({ label: id, values: results.map(({ perSecond }) => perSecond) });
    }
  }
  const remarks = [
    'The clients are one process of pgbench on the same cores. PostgreSQL has a process for each of them; ours are served by one thread.',
  ];
  report(
    {
      name: 'pgbench',
      title: 'Point queries: pgbench',
      intro: `\`pgbench -S\` at scale ${scale}, ${seconds} seconds for each figure: SELECT abalance FROM pgbench_accounts WHERE aid = …`,
      sections: [
        {
          title: 'Transactions a second',
          header: ['protocol', 'Tidewire', 'processor, µs each', 'PostgreSQL (ours ÷)'],
          rows,
          remarks,
        },
      ],
      chart: barChart({
        title: 'pgbench, select only (a second, logarithmic)',
        unit: '/s',
        series: servers.map(({ title }) => title),
        groups,
      }),
    },
    context,
  );
  return figures;
}

function thousands(value) {
  return Math.round(value).toLocaleString('en');
}
