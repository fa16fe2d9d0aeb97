import type { Snapshot, Table } from '../../../src/catalog/table.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import type { Value } from '../../../src/types/value.ts';
import { DAY, scan } from '../../database/scratch-instance.ts';
import { type ModelColumn, shapeText, tableId, valueText } from './model.ts';

/** A table as a scan gives it, in the words of the model. */
export interface FoundTable {
  readonly shape: string;
  /** As `rowText` writes them, sorted. */
  readonly rows: readonly { readonly text: string; readonly partition: number }[];
}

/** What a transaction sees at one moment, to be released. */
export class View {
  readonly databaseName: string;
  readonly snapshot: Snapshot;
  readonly #tables: readonly Table[];

  constructor(databaseName: string, transaction: Transaction) {
    this.databaseName = databaseName;
    this.snapshot = transaction.snapshot();
    this.#tables = Array.from(transaction.catalog().tables(), ({ oid }) => transaction.table(oid)!);
  }

  /** Every table with every row, by `tableId`. */
  async readTables(): Promise<Map<string, FoundTable>> {
    const found = new Map<string, FoundTable>();
    for (const table of this.#tables) {
      found.set(tableId(this.databaseName, table.descriptor.name), await readTable(table, this.snapshot));
    }
    return found;
  }
}

/** Every table of all databases, as of now. */
export async function readInstance(databases: readonly Database[]): Promise<Map<string, FoundTable>> {
  const found = new Map<string, FoundTable>();
  for (const database of databases) {
    const transaction = database.begin({ isolation: 'repeatable read' });
    const view = new View(database.descriptor.name, transaction);
    for (const [id, table] of await view.readTables()) found.set(id, table);
    view.snapshot.release();
    transaction.rollback();
  }
  return found;
}

async function readTable(table: Table, snapshot: Snapshot): Promise<FoundTable> {
  const { columns, timeSeries } = table.descriptor;
  const visible = columns.filter(({ isHidden }) => isHidden !== true);
  const names = visible.map(({ name }) => name);
  const time = columns.find(({ number }) => number === timeSeries?.timeColumnNumber)?.name;
  const { rows } = await scan(table, snapshot, { names: time === undefined ? names : [...names, 'time_ns'] });
  const read = rows.map((row) => ({
    text: JSON.stringify([
      nanosecondsOf(row.time_ns ?? 0),
      ...names.map((name) => (row[name] === null ? null : valueText(row[name]!))),
    ]),
    partition: time === undefined ? 0 : Math.floor((row[time] as number) / DAY),
  }));
  read.sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
  const described = visible.map(
    ({ name, type, role }): ModelColumn => ({ name, role, typeName: type.definition.name }),
  );
  return { shape: shapeText(described), rows: read };
}

/** The 0 … 999 ns of `time_ns`. */
function nanosecondsOf(timeNs: Value): number {
  return Number(((BigInt(timeNs as number | bigint) % 1000n) + 1000n) % 1000n);
}
