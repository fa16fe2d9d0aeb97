import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { chunksOf } from '../datasets/rows-source.mjs';

const CHUNK_CHARACTERS = 1 << 20;

/** The rows of a data set's table (CSV without quoted cells) as line protocol in chunks of bytes. */
export async function* csvAsLines({ name, tags, fields, csv, hasHeader }) {
  const lines = createInterface({ input: Readable.from(chunksOf(csv), { objectMode: false }) });
  let isHeader = hasHeader === true;
  let text = '';
  for await (const row of lines) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const cells = row.split(',');
    text += name;
    for (let tag = 0; tag < tags.length; tag++) text += `,${tags[tag]}=${cells[1 + tag].replaceAll(' ', '\\ ')}`;
    for (let field = 0; field < fields.length; field++) {
      const [fieldName, type] = fields[field];
      text += `${field === 0 ? ' ' : ','}${fieldName}=${fieldText(cells[1 + tags.length + field], type)}`;
    }
    text += ` ${Date.parse(`${cells[0].slice(0, 19).replace(' ', 'T')}Z`)}000000\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

function fieldText(cell, type) {
  if (type === 'text') return `"${cell}"`;
  return type === 'bigint' ? `${cell}i` : cell;
}
