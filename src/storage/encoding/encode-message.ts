import type { PortableColumn } from '../../columnar/portable-column.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { PortableMerge } from '../compaction/portable-merge.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { WrittenSegment } from '../segment/segment-writer.ts';

/** A segment's header as plain data: types go by their OIDs. */
export type PortableHeader = Omit<SegmentHeader, 'columns'> & {
  readonly columns: readonly { readonly number: number; readonly typeOid: number }[];
};

/** To the thread that encodes; `id` names one segment. */
export type EncodeMessage =
  | { readonly kind: 'begin'; readonly id: number; readonly header: PortableHeader }
  | {
      readonly kind: 'rows';
      readonly id: number;
      readonly rowCount: number;
      readonly seriesIds: Uint32Array;
      readonly columns: readonly PortableColumn[];
    }
  | { readonly kind: 'finish'; readonly id: number }
  /** A segment that is merged of others: nothing but `go` follows, once for each `turn`. */
  | { readonly kind: 'merge'; readonly id: number; readonly merge: PortableMerge }
  | { readonly kind: 'go'; readonly id: number }
  /** Nobody wants it any more. */
  | { readonly kind: 'abandon'; readonly id: number };

/** From the thread. */
export type EncodeReply =
  /** The bytes of the segment that come next. */
  | { readonly kind: 'bytes'; readonly id: number; readonly bytes: Uint8Array }
  /** One `rows` was taken in. */
  | { readonly kind: 'taken'; readonly id: number }
  /** A merge has done a piece of its work, and waits. */
  | { readonly kind: 'turn'; readonly id: number }
  /** All bytes were sent. */
  | { readonly kind: 'finished'; readonly id: number; readonly result: WrittenSegment }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly message: string;
      /** The segment of a merge that cannot be read. */
      readonly unreadable?: string | undefined;
    };

/** undefined where a type is not the same in every thread. */
export function portableHeader({ columns, ...header }: SegmentHeader): PortableHeader | undefined {
  if (columns.some(({ type }) => typeByOid(type.oid) !== type)) return undefined;
  return { ...header, columns: columns.map(({ number, type }) => ({ number, typeOid: type.oid })) };
}

export function headerOf({ columns, ...header }: PortableHeader): SegmentHeader {
  return {
    ...header,
    columns: columns.map(({ number, typeOid }) => {
      const type = typeByOid(typeOid);
      if (type === undefined) throw new Error(`no type with OID ${typeOid}`);
      return { number, type };
    }),
  };
}
