import { cpuDataset } from '../datasets/cpu.mjs';
import { decimals, ratioTo } from '../lib/query-report.mjs';
import { runQuerySuite } from '../lib/query-suite.mjs';
import { cpuQueries, lastPointForms } from '../queries/cpu.mjs';

/** TSBS' cpu set; `--scale 10` has ten times the hosts and keeps no files. */
export function tsbs(context) {
  const { days, scale } = context.sizes;
  const hosts = context.sizes.hosts * scale;
  const dataset = () => cpuDataset({ hosts, days, isStreamed: scale > 1 });
  return runQuerySuite(
    {
      name: scale === 1 ? 'tsbs' : `tsbs-${scale}x`,
      title: scale === 1 ? 'TSBS, cpu only' : `TSBS, cpu only, ${scale}×`,
      intro: `15 queries over ${(hosts * days * 8640).toLocaleString('en')} points: ${hosts} hosts with 10 tags, 10 fields every 10 s, ${days} days. Those in parentheses are further ways to ask for the last point; they are in no mean.`,
      parts: [
        { title: 'Queries', dataset, queries: [...cpuQueries(hosts), ...lastPointForms()], remarksOn: duckdbRemarks },
      ],
    },
    context,
  );
}

/** Every double-groupby should stay ahead of DuckDB, however much data there is. */
function duckdbRemarks(results) {
  const ratios = results
    .filter(({ id }) => id.startsWith('double-groupby'))
    .map((result) => ({ id: result.id, ratio: ratioTo('duckdb', result) }))
    .filter(({ ratio }) => ratio !== undefined);
  if (ratios.length === 0) return [];
  return [`Double-groupbys ÷ DuckDB: ${ratios.map(({ id, ratio }) => `${id} ${decimals(ratio)}`).join(', ')}.`];
}
