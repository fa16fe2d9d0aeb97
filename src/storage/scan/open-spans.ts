import type { Run, ScanControl, SpanOptions, SpanReader } from '../../catalog/table.ts';
import { invariant } from '../../errors/invariant.ts';
import { readMemtableRuns } from './memtable-runs.ts';
import { readMergedRuns } from './merged-runs.ts';
import type { ScanSource } from './run-directory.ts';
import { readSegmentRuns } from './segment-runs.ts';
import type { ScanParts } from './table-scan.ts';
import { readWholeRuns } from './whole-runs.ts';

/** The rows of runs that lie in `sources`, whichever reader each of them takes. */
export function openSpans(
  parts: ScanParts,
  runs: readonly Run[],
  sources: readonly ScanSource[],
  { control, hasWholeRuns }: SpanOptions & { readonly control: ScanControl },
): SpanReader {
  let from = 0;
  let reader: SpanReader | undefined;
  const next = (): ReturnType<SpanReader['next']> => {
    for (;;) {
      if (reader === undefined) {
        if (from === runs.length) return undefined;
        const kind = readerOf(runs[from]!, sources);
        let to = from + 1;
        while (to < runs.length && readerOf(runs[to]!, sources) === kind) to++;
        const some = runs.slice(from, to);
        const isWhole = hasWholeRuns === true && kind !== 'merged' && kind.kind === 'segment';
        reader = isWhole ? readWholeRuns(parts, kind, some) : openReader(parts, kind, { sources, runs: some, control });
        from = to;
      }
      const pending = reader.next();
      if (pending instanceof Promise) return pending.then((span) => span ?? ended());
      if (pending !== undefined) return pending;
      reader.close();
      reader = undefined;
    }
  };
  const ended = (): ReturnType<SpanReader['next']> => {
    reader?.close();
    reader = undefined;
    return next();
  };
  return { next, close: () => reader?.close() };
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

export function openReader(
  parts: ScanParts,
  kind: ScanSource | 'merged',
  { sources, runs, control }: { sources: readonly ScanSource[]; runs: readonly Run[]; control: ScanControl },
): SpanReader {
  if (kind === 'merged') return readMergedRuns(parts, sources, runs, control);
  if (kind.kind === 'segment') return readSegmentRuns(parts, kind, runs);
  return readMemtableRuns(parts, kind, runs);
}
