/**
 * The road that a plan of EXPLAIN takes: the words after "Fused Scan" where an aggregation is fused with its scan, else the
 * name of the topmost scan; undefined where rows are aggregated that neither a fused scan nor the last-row entries give.
 */
export function roadOf(lines) {
  const first = (pattern) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
  const fused = first(/Fused Scan: (.*)/);
  if (fused !== undefined) return `fused: ${fused}`;
  const scan = first(/((?:[A-Z][a-z]+ )+Scan)/);
  if (scan !== 'Last Row Scan' && first(/\b(\w*Aggregate)\b/) !== undefined) return undefined;
  return scan ?? 'no scan';
}
