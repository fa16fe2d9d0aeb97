import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { rng } from '../generators/rng.mjs';

const CHUNK_CHARACTERS = 1 << 20;
const ROWS_PER_INSERT = 200;
const DATA_SEED = 17;

/**
 * Of a file's rows, numbered from 0, those that `rewrite` (a row and its number) returns a text for, in chunks of bytes.
 */
export async function* rowsOf(file, rewrite, { hasHeader = false } = {}) {
  let number = hasHeader ? -1 : 0;
  let text = '';
  for await (const row of createInterface({ input: createReadStream(file, { highWaterMark: CHUNK_CHARACTERS }) })) {
    const written = number < 0 ? undefined : rewrite(row, number);
    number++;
    if (written === undefined) continue;
    text += `${written}\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/**
 * INSERTs of `count` rows of SQL literals: `row` makes one of `pick` (one of a list, by chance) and its number. The same
 * arguments give the same statements.
 */
export function strangeInserts(table, count, row) {
  const { int } = rng(DATA_SEED);
  const pick = (values) => values[int(values.length)];
  const statements = [];
  for (let done = 0; done < count; done += ROWS_PER_INSERT) {
    const rows = Array.from(
      { length: Math.min(ROWS_PER_INSERT, count - done) },
      (_, index) => `(${row(pick, done + index).join(', ')})`,
    );
    statements.push(`INSERT INTO ${table} VALUES ${rows.join(', ')}`);
  }
  return statements;
}
