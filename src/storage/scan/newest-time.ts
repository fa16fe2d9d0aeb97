import { LargestValues } from '../../columnar/largest-values.ts';
import { LOCAL_SERIES } from './output-columns.ts';
import type { ScanLayers } from './scan-layers.ts';
import type { ScanParts } from './table-scan.ts';

/** For more rows than this it is not worth to look at all series. */
const MAX_ROWS = 10_000;

/**
 * A time that at least `rowCount` rows of the scan are not before: so many series are known to have their last row at it
 * or later. undefined when not enough of them are known.
 */
export function newestTime(
  { bounds }: ScanParts,
  layers: ScanLayers,
  seriesIds: Uint32Array | undefined,
  rowCount: number,
  { isKnown }: { readonly isKnown: (seriesId: number) => boolean },
): number | undefined {
  const seriesCount = seriesIds?.length ?? layers.seriesCount;
  if (rowCount < 1 || rowCount > Math.min(MAX_ROWS, seriesCount)) return undefined;
  const newest = new LargestValues(rowCount);
  for (let index = 0; index < seriesCount; index++) {
    const id = seriesIds === undefined ? index : seriesIds[index];
    if (id >= LOCAL_SERIES) break;
    const time = layers.boundOf(id);
    // A row of that very µs may lie past the end of the bounds by its remainder.
    if (time >= bounds.to.time || time <= bounds.from.time || !isKnown(id)) continue;
    newest.add(time);
  }
  return newest.isFull ? newest.smallest : undefined;
}
