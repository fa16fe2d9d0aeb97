const WARM_UPS = 2;
/** Timed calls in a row. */
const TURN = 3;

/** Median of `runs` timed calls after two that warm up, in ms, with what the last call returned. */
export async function medianMs(run, runs = 7) {
  let result;
  const timed = async () => {
    result = await run();
  };
  const [ms] = await interleavedMs([timed], { runs });
  return { ms, result };
}

/**
 * The medians of several competitors, in ms. They take turns of `TURN` timed calls, another one first in every round, so
 * that what disturbs the machine disturbs all of them; a call before each turn is not timed, for it finds the processor's
 * caches full of what the one before needed, and no one but a benchmark asks databases in turns. `best` asks for the
 * fastest call instead, which a busy machine disturbs less.
 */
export async function interleavedMs(competitors, { runs = 7, best = false } = {}) {
  for (const run of competitors) for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await run();
  const times = competitors.map(() => []);
  const rounds = Math.ceil(runs / TURN);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < competitors.length; turn++) {
      const index = (round + turn) % competitors.length;
      if (competitors.length > 1) await competitors[index]();
      for (let call = round * TURN; call < Math.min(runs, (round + 1) * TURN); call++) {
        const start = performance.now();
        await competitors[index]();
        times[index].push(performance.now() - start);
      }
    }
  }
  return times.map((values) => (best ? Math.min(...values) : median(values)));
}

export function median(values) {
  return [...values].sort((left, right) => left - right)[values.length >> 1];
}

export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Rows of text cells under a header, aligned; the first column to the left, the others to the right. */
export function printTable(header, rows) {
  const widths = header.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index].length)));
  const line = (cells) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join('  ');
  console.log(line(header));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const row of rows) console.log(line(row));
}
