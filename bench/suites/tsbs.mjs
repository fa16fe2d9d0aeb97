import { cpuDataset } from '../datasets/cpu.mjs';
import { runQuerySuite } from '../lib/query-suite.mjs';
import { cpuQueries, lastPointForms } from '../queries/cpu.mjs';

/** TSBS' cpu set; `--scale 10` has ten times the hosts and keeps no files. */
export function tsbs(context) {
  const { days, scale } = context.sizes;
  const hosts = 100 * scale;
  const dataset = () => cpuDataset({ hosts, days, isStreamed: scale > 1 });
  return runQuerySuite(
    {
      name: scale === 1 ? 'tsbs' : `tsbs-${scale}x`,
      title: scale === 1 ? 'TSBS, cpu only' : `TSBS, cpu only, ${scale}×`,
      intro: `15 queries over ${(hosts * days * 8640).toLocaleString('en')} points: ${hosts} hosts with 10 tags, 10 fields every 10 s, ${days} days. Those in parentheses are further ways to ask for the last point; they are in no mean.`,
      parts: [{ title: 'Queries', dataset, queries: [...cpuQueries(), ...lastPointForms()] }],
    },
    context,
  );
}
