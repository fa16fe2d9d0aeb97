import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import type { Batch } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { TypeContext, TypeDefinition } from '../../types/type-definition.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { ImportError, type ImportSource, type SourceColumn } from './import-source.ts';

const BATCH_ROWS = 16_384;

/** Tried in this order: the first type that every value of a column reads as is the column's. */
const CANDIDATES = ['int8', 'float8', 'bool', 'timestamptz'] as const;

const LOOKS_LIKE = {
  int8: { test: isInt8 },
  float8: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/,
  bool: /^(?:true|false|t|f)$/i,
  timestamptz: /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/,
};

/** Nanoseconds since 1970 have 19 digits, and must not become doubles. */
function isInt8(text: string): boolean {
  if (!/^[+-]?\d{1,19}$/.test(text)) return false;
  return text.length < 19 || BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/**
 * A CSV file with a header line. The types come from a first reading of the whole file, so that no late value
 * contradicts them; an empty field is NULL.
 */
export async function openCsv(path: string, context: TypeContext): Promise<ImportSource> {
  const { names, candidates, rowCount } = await inspect(path);
  const columns = names.map((name, index): SourceColumn => {
    const definition = typeByName(candidates[index]?.[0] ?? 'text');
    if (definition === undefined) throw new ImportError(`${path}: no type for column "${name}"`);
    return { name, type: sqlType(definition) };
  });
  return { columns, rowCount, batches: () => readBatches(path, columns, context) };
}

async function inspect(path: string): Promise<{ names: string[]; candidates: string[][]; rowCount: number }> {
  let names: string[] | undefined;
  let candidates: (typeof CANDIDATES)[number][][] = [];
  let rowCount = 0;
  let sawValue: boolean[] = [];
  for await (const { record } of records(path)) {
    if (names === undefined) {
      names = record;
      const repeated = names.find((name, index) => names?.indexOf(name) !== index);
      if (repeated !== undefined) throw new ImportError(`${path}: two columns are called "${repeated}"`);
      if (names.includes('')) throw new ImportError(`${path}: a column in the header line has no name`);
      candidates = names.map(() => [...CANDIDATES]);
      sawValue = names.map(() => false);
      continue;
    }
    rowCount += 1;
    for (let index = 0; index < record.length; index++) {
      const text = record[index];
      if (text === '' || text === undefined) continue;
      sawValue[index] = true;
      const left = candidates[index];
      if (left === undefined || left.length === 0 || LOOKS_LIKE[left[0] ?? 'int8'].test(text)) continue;
      candidates[index] = left.filter((type) => LOOKS_LIKE[type].test(text));
    }
  }
  if (names === undefined) throw new ImportError(`${path} is empty: the first line must name the columns`);
  return { names, candidates: candidates.map((left, index) => (sawValue[index] ? left : [])), rowCount };
}

async function* readBatches(
  path: string,
  columns: readonly SourceColumn[],
  context: TypeContext,
): AsyncIterable<Batch> {
  const newBuilders = (): ColumnBuilder[] =>
    columns.map(({ type }) => new ColumnBuilder(type.definition.representation, { text: 'dictionary' }));
  let builders = newBuilders();
  let isHeader = true;
  let rowCount = 0;
  for await (const { record, line } of records(path)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    columns.forEach(({ name, type }, index) => {
      builders[index].push(readValue(type.definition, record[index] ?? '', { path, line, name, context }));
    });
    rowCount += 1;
    if (rowCount < BATCH_ROWS) continue;
    yield { rowCount, columns: builders.map((builder) => builder.finish()) };
    builders = newBuilders();
    rowCount = 0;
  }
  if (rowCount > 0) yield { rowCount, columns: builders.map((builder) => builder.finish()) };
}

function readValue(
  type: TypeDefinition,
  text: string,
  place: { readonly path: string; readonly line: number; readonly name: string; readonly context: TypeContext },
): Value {
  if (text === '') return null;
  try {
    return type.parse(text, place.context, -1);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new ImportError(
      `${place.path}, line ${place.line}, column "${place.name}": ${error.message}; nothing was imported`,
    );
  }
}

async function* records(path: string): AsyncIterable<{ record: string[]; line: number }> {
  const parser = parse({ bom: true, info: true, relax_column_count: false });
  // What fails on the way ends the loop below.
  pipeline(
    createReadStream(path),
    (chunks: AsyncIterable<Uint8Array>) => decodeText(chunks, path),
    parser,
    () => {},
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { record, line: info.lines };
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`${path}: ${(error as Error).message}; nothing was imported`);
  }
}

/** Bytes that are no UTF-8 would become replacement characters, and nobody would notice. */
async function* decodeText(chunks: AsyncIterable<Uint8Array>, path: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new ImportError(
        `${path} is not a text in UTF-8; nothing was imported`,
        'Convert it first, for example with "iconv -f latin1 -t utf-8".',
      );
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
