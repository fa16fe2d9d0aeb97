import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { toInt64 } from '../../types/int64.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { ImportError, type ImportSource, type SourceColumn } from './import-source.ts';

const BATCH_ROWS = 16_384;
const UNIX_TO_2000_MICROS = 946_684_800_000_000n;
const UNIX_TO_2000_DAYS = 10_957;

/** Instants as µs since 2000-01-01, dates as days since then, instead of hyparquet's Date objects. */
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => toInt64(millis * 1000n - UNIX_TO_2000_MICROS),
  timestampFromMicroseconds: (micros: bigint) => toInt64(micros - UNIX_TO_2000_MICROS),
  timestampFromNanoseconds: (nanos: bigint) => toInt64(floorDivide(nanos, 1000n) - UNIX_TO_2000_MICROS),
  dateFromDays: (days: number) => days - UNIX_TO_2000_DAYS,
};

/** A Parquet file of flat columns, read one row group after the other. */
export async function openParquet(path: string): Promise<ImportSource> {
  const file = await asyncBufferFromFile(path);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(file);
  } catch (error) {
    throw damaged(path, error);
  }
  const columns = metadata.schema.slice(1).map((element) => sourceColumn(path, element));
  const rowCount = Number(metadata.num_rows);
  return { columns, rowCount, batches: () => readBatches(path, file, metadata, columns) };
}

async function* readBatches(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly SourceColumn[],
): AsyncIterable<Batch> {
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const values = new Map<string, { from: number; data: DecodedArray }[]>();
    try {
      await parquetRead({
        file,
        metadata,
        compressors,
        parsers,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData, rowStart: from }) => {
          const chunks = values.get(columnName) ?? [];
          chunks.push({ from, data: columnData });
          values.set(columnName, chunks);
        },
      });
    } catch (error) {
      throw damaged(path, error);
    }
    const groupColumns = columns.map((column) =>
      buildColumn(column, values.get(column.name) ?? [], { path, rowStart, rowCount: rowEnd - rowStart }),
    );
    for (let from = 0; from < rowEnd - rowStart; from += BATCH_ROWS) {
      const to = Math.min(from + BATCH_ROWS, rowEnd - rowStart);
      yield { rowCount: to - from, columns: groupColumns.map((column) => column(from, to)) };
    }
    rowStart = rowEnd;
  }
}

/** A function that builds rows `from` to `to` of the row group. */
function buildColumn(
  column: SourceColumn,
  chunks: readonly { readonly from: number; readonly data: DecodedArray }[],
  group: { readonly path: string; readonly rowStart: number; readonly rowCount: number },
): (from: number, to: number) => Column {
  const values: unknown[] = [];
  for (const { from, data } of [...chunks].sort((a, b) => a.from - b.from)) {
    if (from - group.rowStart !== values.length)
      throw damaged(group.path, `rows of column "${column.name}" are missing`);
    for (let index = 0; index < data.length; index++) values.push(data[index]);
  }
  if (values.length !== group.rowCount) throw damaged(group.path, `rows of column "${column.name}" are missing`);
  return (from, to) => {
    const builder = new ColumnBuilder(column.type.definition.representation, {
      capacity: to - from,
      text: 'dictionary',
    });
    for (let row = from; row < to; row++) builder.push(scalar(values[row]));
    return builder.finish();
  };
}

function scalar(value: unknown): Value {
  if (value === null || value === undefined) return null;
  return typeof value === 'bigint' ? toInt64(value) : (value as Value);
}

function sourceColumn(path: string, element: SchemaElement): SourceColumn {
  const typeName = typeNameOf(element);
  const definition = typeName === undefined ? undefined : typeByName(typeName);
  if (definition === undefined) {
    throw new ImportError(
      `${path}: column "${element.name}" has a Parquet type that cannot be imported (${describeElement(element)})`,
      'Columns of integers, floats, booleans, strings, dates and timestamps can be imported.',
    );
  }
  return { name: element.name, type: sqlType(definition) satisfies SqlType };
}

/** The name in pg_type for a Parquet column; undefined for nested and exotic ones. */
function typeNameOf(element: SchemaElement): string | undefined {
  if (element.num_children !== undefined || element.repetition_type === 'REPEATED') return undefined;
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if (logical === 'TIMESTAMP') {
    return (element.logical_type as { isAdjustedToUTC?: boolean }).isAdjustedToUTC === false
      ? 'timestamp'
      : 'timestamptz';
  }
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') return 'timestamptz';
  if (logical === 'DATE' || converted === 'DATE') return 'date';
  if (logical === 'STRING' || converted === 'UTF8' || converted === 'ENUM') return 'text';
  if ((logical !== undefined && logical !== 'INTEGER') || converted === 'DECIMAL') return undefined;
  switch (element.type) {
    case 'BOOLEAN':
      return 'bool';
    case 'INT32':
      return converted === 'UINT_32' ? 'int8' : 'int4';
    case 'INT64':
      return converted === 'UINT_64' ? undefined : 'int8';
    case 'INT96':
      return undefined;
    case 'FLOAT':
      return 'float4';
    case 'DOUBLE':
      return 'float8';
    default:
      return undefined;
  }
}

function describeElement(element: SchemaElement): string {
  return [element.type, element.converted_type, element.logical_type?.type, element.num_children && 'nested']
    .filter((part) => part !== undefined && part !== 0)
    .join(' ');
}

function damaged(path: string, cause: unknown): ImportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImportError(`${path} is not a whole Parquet file: ${reason.split('\n')[0]}; nothing was imported`);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
