import { readFileSync } from 'node:fs';
import { importBuilt } from '../lib/built.mjs';
import { filesBelow } from '../peers/tidewire.mjs';

const TRAILER_BYTES = 24;

/** What the encodings are called in a table; `docs/format/segment.md` explains them. */
const CODEC_NAMES = {
  0: 'all NULL',
  1: 'plain',
  2: 'constant',
  3: 'regular runs',
  4: 'delta of delta',
  5: 'delta',
  6: 'frame of reference',
  7: 'varint',
  8: 'decimal',
  9: 'gorilla',
  10: 'run length',
  11: 'single',
  12: 'decimal delta',
  13: 'mostly one',
  48: 'bits',
  49: 'bit runs',
  64: 'codes',
  65: 'code runs',
  80: 'strings',
  81: 'distinct strings',
};

/**
 * What the columns of the segment files below a directory take: per column number its type, bytes of values, bytes in the
 * footers (index, statistics, dictionary), bytes that are compressed, and its commonest encoding.
 */
export async function storedColumns(directory) {
  const { readFooter } = await importBuilt('storage/segment/segment-footer.js');
  const { readColumnIndex } = await importBuilt('storage/segment/column-index.js');
  const { decodeTrailer } = await importBuilt('storage/segment/segment-format.js');
  const columns = new Map();
  let rowCount = 0;
  for (const file of filesBelow(directory).filter((path) => path.endsWith('.segment'))) {
    const bytes = readFileSync(file);
    const end = bytes.length - TRAILER_BYTES;
    const { footerBytes } = decodeTrailer(bytes.subarray(end));
    const footer = readFooter(new Uint8Array(bytes.subarray(end - footerBytes, end)));
    rowCount += footer.rowCount;
    for (const [position, { number, type }] of footer.header.columns.entries()) {
      const section = footer.sections[position];
      const index = readColumnIndex(section, type.representation, footer.chunkStarts, end - footerBytes);
      const known = columns.get(number) ?? {
        type: type.name,
        valueBytes: 0,
        indexBytes: 0,
        packedBytes: 0,
        codecs: new Map(),
      };
      columns.set(number, known);
      known.indexBytes += section.length;
      for (const block of index.blocks) known.packedBytes += block.storedBytes;
      for (let unit = 0; unit < index.sizes.length; unit++) {
        if ((index.blockOfUnit?.[unit] ?? -1) >= 0) continue;
        known.valueBytes += index.sizes[unit];
        const codec = bytes[index.offsets[unit]];
        known.codecs.set(codec, (known.codecs.get(codec) ?? 0) + 1);
      }
    }
  }
  for (const column of columns.values()) {
    column.valueBytes += column.packedBytes;
    const [commonest] = [...column.codecs].sort((left, right) => right[1] - left[1]);
    column.encoding = commonest === undefined ? 'compressed' : (CODEC_NAMES[commonest[0]] ?? String(commonest[0]));
  }
  return { columns, rowCount };
}
