import { readFileSync } from 'node:fs';
import { geometricMean, printTable } from './measure.mjs';

/** Prints, for two files of `--json`, our time of each query in the second beside that in the first. */
export function compareRuns(before, after) {
  const [left, right] = [before, after].map((path) => JSON.parse(readFileSync(path, 'utf8')));
  const told = ({ machine }) => `${machine.commit}, ${machine.date}, load ${machine.load.toFixed(1)}`;
  console.log(`before: ${told(left)}\nafter:  ${told(right)}`);
  for (const [suite, figures] of Object.entries(right.suites)) {
    const earlier = new Map((left.suites[suite] ?? []).map((figure) => [figure.id, figure.value]));
    const rows = [];
    const ratios = [];
    for (const { id, value, unit } of figures) {
      const was = earlier.get(id);
      if (was === undefined || was === null || value === null) continue;
      ratios.push(value / was);
      rows.push([id, `${was.toPrecision(4)} ${unit}`, `${value.toPrecision(4)} ${unit}`, (value / was).toFixed(2)]);
    }
    if (rows.length === 0) continue;
    rows.push(['geometric mean', '', '', geometricMean(ratios).toFixed(2)]);
    console.log(`\n${suite}`);
    printTable(['', 'before', 'after', 'after ÷ before'], rows);
  }
}
