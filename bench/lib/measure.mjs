/** Median of `runs` timed calls after two that warm up, in ms, with what the last call returned. */
export async function medianMs(run, runs = 7) {
  let result;
  for (let warmUp = 0; warmUp < 2; warmUp++) result = await run();
  const times = [];
  for (let round = 0; round < runs; round++) {
    const start = performance.now();
    result = await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { ms: times[times.length >> 1], result };
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
