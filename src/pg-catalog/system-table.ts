import type { ScanRequest } from '../catalog/scan-request.ts';
import type { Morsel, ScanControl, Snapshot, Table, TableScan } from '../catalog/table.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { BatchStream } from '../columnar/batch.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import { invariant } from '../errors/invariant.ts';
import { sqlType, typeByName } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';

const BATCH_ROWS = 1024;
const SUPERUSER_OID = 10;

/** `name`, pg_type name, and whether NULLs are possible: `['relacl', '_aclitem', 'null']`. */
export type SystemColumn = readonly [name: string, typeName: string, nullability?: 'null'];

export const PG_CATALOG = { oid: 11, name: 'pg_catalog' } as const;

export interface SystemTableDefinition {
  /** PostgreSQL's own OID. */
  readonly oid: number;
  readonly name: string;
  readonly rowTypeOid: number;
  readonly isView?: boolean;
  readonly columns: readonly SystemColumn[];
}

/** A catalog relation: its rows are made from what the catalog says at the moment of the scan. */
export class SystemTable implements Table {
  readonly descriptor: TableDescriptor;
  readonly definition: SystemTableDefinition;
  readonly #rows: () => Iterable<readonly Value[]>;

  /** `rows` gives one value for each column of the definition, in order. */
  constructor(definition: SystemTableDefinition, rows: () => Iterable<readonly Value[]>) {
    this.definition = definition;
    this.#rows = rows;
    this.descriptor = {
      oid: definition.oid,
      schemaOid: PG_CATALOG.oid,
      schemaName: PG_CATALOG.name,
      name: definition.name,
      ownerOid: SUPERUSER_OID,
      kind: 'system-table',
      columns: [...definition.columns.map(describeColumn), TABLE_OID_COLUMN],
      timeSeries: undefined,
      uniqueKey: undefined,
      indexes: [],
      constraints: [],
      nextColumnNumber: definition.columns.length + 1,
      isFromLineProtocol: false,
      persistence: 'permanent',
      schemaVersion: 1,
      rowTypeOid: definition.rowTypeOid,
    };
  }

  /** Snapshots do not matter here: a statement sees the catalog that its transaction sees. */
  scan(request: ScanRequest, _snapshot: Snapshot): TableScan {
    const rows = this.#rows;
    const { columns } = this.descriptor;
    const tableOid = this.descriptor.oid;
    const counters = { seriesScanned: 0, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 };
    return {
      counters,
      morsels: () => [{ partition: 0, runs: [] }],
      async *read(_morsel: Morsel, control: ScanControl): BatchStream {
        const newBuilders = (): ColumnBuilder[] =>
          request.columns.map(
            (column) => new ColumnBuilder(columns[column].type.definition.representation, { text: 'dictionary' }),
          );
        let builders = newBuilders();
        let rowCount = 0;
        for (const row of rows()) {
          request.columns.forEach((column, at) => {
            builders[at].push(column === row.length ? tableOid : row[column]);
          });
          rowCount += 1;
          if (rowCount < BATCH_ROWS) continue;
          counters.soleRows += rowCount;
          yield { rowCount, columns: builders.map((builder) => builder.finish()) };
          builders = newBuilders();
          rowCount = 0;
          const turn = control.yieldIfDue();
          if (turn !== undefined) await turn;
        }
        counters.soleRows += rowCount;
        if (rowCount > 0) yield { rowCount, columns: builders.map((builder) => builder.finish()) };
      },
    };
  }
}

function describeColumn([name, typeName, nullability]: SystemColumn, index: number): ColumnDescriptor {
  const type = typeByName(typeName);
  invariant(type !== undefined, `catalog column ${name} has the known type ${typeName}`);
  return { number: index + 1, name, type: sqlType(type), isNotNull: nullability !== 'null', role: 'field' };
}

function tableOidColumn(): ColumnDescriptor {
  const oid = typeByName('oid');
  invariant(oid !== undefined, 'oid is a type');
  return { number: -6, name: 'tableoid', type: sqlType(oid), isNotNull: true, role: 'field', isHidden: true };
}

const TABLE_OID_COLUMN = tableOidColumn();
