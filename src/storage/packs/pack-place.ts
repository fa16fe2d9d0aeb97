import type { SegmentObject, SegmentStore } from '../seams/segment-store.ts';

/** Fewer new objects than this have files of their own: dead parts of a pack stay until all of it is dead. */
export const MIN_PACK_OBJECTS = 4;

/** Where an object lies that shares its file with others. */
export interface PackPlace {
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** What the manifest names. Without a place in a pack, `name` is a file that holds the object and nothing else. */
export interface StoredObject {
  readonly name: string;
  readonly pack?: PackPlace;
}

export function fileOf({ name, pack }: StoredObject): string {
  return pack?.file ?? name;
}

/** The whole of an object. CorruptionError if its file ends before; ENOENT if there is none. */
export async function readObject(segments: SegmentStore, object: StoredObject): Promise<Uint8Array> {
  let file: SegmentObject | undefined;
  try {
    file = await segments.open(fileOf(object));
    return await file.read(object.pack?.offset ?? 0, object.pack?.sizeBytes ?? file.sizeBytes);
  } finally {
    await file?.close();
  }
}
