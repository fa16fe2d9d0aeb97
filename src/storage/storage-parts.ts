import type { Clock } from '../platform/clock.ts';
import type { Timers } from '../platform/timers.ts';
import type { UnitCache } from './cache/unit-cache.ts';
import type { Manifest } from './checkpoint/manifest.ts';
import type { SegmentEncoders } from './seams/segment-encoders.ts';
import type { SegmentStore } from './seams/segment-store.ts';
import type { Durability, WriteLog } from './seams/write-log.ts';

export type Report = (level: 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown>) => void;

/** What storage stands on. */
export interface StorageParts {
  readonly log: WriteLog;
  readonly manifest: Manifest;
  readonly segments: SegmentStore;
  readonly cache: UnitCache;
  /** Undefined: segments are encoded by those who write them. */
  readonly encoders?: SegmentEncoders | undefined;
  /** Where `encoders` find the files of `segments`; undefined: nowhere. */
  readonly segmentDirectory?: string | undefined;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly durability: Durability;
  /** A memtable of this size is flushed. */
  readonly memtableBytes: number;
  /** Rows of a transaction beyond this leave memory before it commits. */
  readonly stagingBytes: number;
  /** How long a writer waits for memory. */
  readonly writeTimeoutMs: number;
  readonly report: Report;
  /** Undefined while the disk has room for rows; otherwise rejects with 53100, or resolves once it has. */
  readonly whenThereIsRoom?: () => Promise<void> | undefined;
}
