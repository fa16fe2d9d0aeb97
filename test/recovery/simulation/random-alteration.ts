import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../../../src/columnar/batch.ts';
import { addColumn } from '../../../src/database/schema-change/add-column.ts';
import { changeColumnType } from '../../../src/database/schema-change/column-properties.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import { renameColumn } from '../../../src/database/schema-change/rename.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { visibleColumns } from '../../../src/storage/table-identity.ts';
import { findRows, rowsOf, typeNamed } from '../../database/scratch-instance.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { type TableChange, valueText } from './model.ts';
import { randomSqlValue } from './random-rows.ts';

/** An ALTER TABLE in the words of the model, and how to do it. The table must be locked. */
export interface Alteration {
  readonly change: TableChange;
  run(transaction: Transaction): Promise<void>;
}

const ADDED = ['added', 'x', 'n', 's', 'b', 'u'];
const TYPES = ['float8', 'int8', 'text', 'bool'];
/** Types that become text: of these a value's text is the same in either type. */
const TO_TEXT = new Set(['float8', 'int8', 'bool']);

/** Undefined where the table has nothing to alter. */
export function randomAlteration(random: SeededRandom, table: TableDescriptor): Alteration | undefined {
  const fields = visibleColumns(table).filter(
    ({ role, name, isNotNull }) => role === 'field' && !isNotNull && name !== 'id',
  );
  const die = random.fraction();
  if (die < 0.35 || fields.length === 0) return columnAdded(random, table);
  const { name, number, type } = random.pick(fields);
  const typeName = type.definition.name;
  if (die < 0.55) {
    return {
      change: { what: 'drop-column', name },
      run: async (transaction) => void transaction.schema.alterTable(dropColumn(table, number)),
    };
  }
  if (die < 0.75) {
    const to = random.pick(['renamed', 'x', 'n', 's']);
    if (table.columns.some((column) => column.name === to)) return undefined;
    return {
      change: { what: 'rename-column', from: name, to },
      run: async (transaction) =>
        void transaction.schema.alterTable(renameColumn(table, number, to, (expression) => expression)),
    };
  }
  if (!TO_TEXT.has(typeName)) return undefined;
  const next = changeColumnType(table, number, { type: typeNamed('text'), default: undefined });
  return {
    change: { what: 'change-type', name, typeName: 'text' },
    run: async (transaction) => {
      const rows = await rewritten(transaction, table, next, name);
      await transaction.replaceRows(next, once(rows));
    },
  };
}

function columnAdded(random: SeededRandom, table: TableDescriptor): Alteration | undefined {
  const name = random.pick(ADDED);
  if (table.columns.some((column) => column.name === name)) return undefined;
  const typeName = random.pick(TYPES);
  const missing = random.fraction() < 0.5 ? null : randomSqlValue(random, typeName);
  const column = { name, type: typeNamed(typeName), isNotNull: false };
  return {
    change: {
      what: 'add-column',
      column: { name, typeName, role: 'field' },
      missing: missing === null ? undefined : valueText(missing),
    },
    run: async (transaction) => void transaction.schema.alterTable(addColumn(table, column, missing)),
  };
}

/** All rows of a table with one column as text, and the nanoseconds that they keep. */
async function rewritten(
  transaction: Transaction,
  table: TableDescriptor,
  next: TableDescriptor,
  name: string,
): Promise<Batch> {
  const before = await findRows(transaction, table.name);
  const at = visibleColumns(table).findIndex((column) => column.name === name);
  const rows = before.rows.map((row) => row.with(at, row[at] === null ? null : valueText(row[at]!)));
  const batch = rowsOf({ ...before.table, descriptor: next }, rows);
  if (table.timeSeries === undefined) return batch;
  const remainders = Float64Array.from(before.names, (rowName) => rowName[2] as number);
  return {
    rowCount: batch.rowCount,
    columns: [...batch.columns, { kind: 'number', values: remainders, validity: undefined }],
  };
}

async function* once(batch: Batch): BatchStream {
  yield batch;
}
