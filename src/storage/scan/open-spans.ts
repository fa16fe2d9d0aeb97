import type { Run, ScanControl, SpanOptions, SpanReader } from '../../catalog/table.ts';
import { invariant } from '../../errors/invariant.ts';
import { readLayersApart } from './layers-apart.ts';
import { readMemtableRuns } from './memtable-runs.ts';
import { readMergedRuns } from './merged-runs.ts';
import type { ScanSource } from './run-directory.ts';
import { readSegmentRuns } from './segment-runs.ts';
import { chainSpans } from './span-chain.ts';
import type { ScanParts } from './table-scan.ts';
import { readWholeRuns } from './whole-runs.ts';

/** The rows of runs that lie in `sources`, whichever reader each of them takes. */
export function openSpans(
  parts: ScanParts,
  runs: readonly Run[],
  sources: readonly ScanSource[],
  { control, hasWholeRuns = false }: SpanOptions & { readonly control: ScanControl },
): SpanReader {
  let from = 0;
  return chainSpans(() => {
    if (from === runs.length) return undefined;
    const kind = kindOf(parts, runs[from]!, sources);
    let to = from + 1;
    while (to < runs.length && kindOf(parts, runs[to]!, sources) === kind) to++;
    const some = from === 0 && to === runs.length ? runs : runs.slice(from, to);
    from = to;
    if (kind === 'apart') return readLayersApart(parts, { sources, runs: some, hasWholeRuns }, control);
    if (hasWholeRuns && kind !== 'merged' && kind.kind === 'segment') return readWholeRuns(parts, kind, some);
    return openReader(parts, kind, { sources, runs: some, control });
  });
}

/** Apart: of a run whose pieces overlap only the points that stand in several of them are merged. */
function kindOf(parts: ScanParts, run: Run, sources: readonly ScanSource[]): ScanSource | 'merged' | 'apart' {
  const kind = readerOf(run, sources);
  if (kind !== 'merged' || parts.request.isUnordered !== true || !parts.mergesVersions) return kind;
  const isHiddenByName = run.pieces.some((piece) => {
    const source = sourceOf(sources, piece.source);
    return source.kind === 'segment' && source.hidesByName(run.seriesId);
  });
  return isHiddenByName ? 'merged' : 'apart';
}

/** Which reader takes a run: consecutive runs of one source are read together. */
export function readerOf(run: Run, sources: readonly ScanSource[]): ScanSource | 'merged' {
  if (!run.isSole || run.pieces.length > 1) return 'merged';
  return sourceOf(sources, run.pieces[0]!.source);
}

export function sourceOf(sources: readonly ScanSource[], id: number): ScanSource {
  const source = sources.find((candidate) => candidate.id === id);
  invariant(source !== undefined, 'a run names a source of its partition');
  return source;
}

/** Reads runs that are sole out of the one layer that they lie in, others out of all layers. */
export function openReader(
  parts: ScanParts,
  kind: ScanSource | 'merged',
  { sources, runs, control }: { sources: readonly ScanSource[]; runs: readonly Run[]; control: ScanControl },
): SpanReader {
  if (kind === 'merged') return readMergedRuns(parts, sources, runs, control);
  if (kind.kind === 'segment') return readSegmentRuns(parts, kind, runs);
  return readMemtableRuns(parts, kind, runs);
}
