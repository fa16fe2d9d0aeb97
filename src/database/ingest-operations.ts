import { ObjectClass } from '../catalog/catalog-object.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { CommitOperation } from '../storage/commit/commit-operation.ts';
import type { EngineState } from '../storage/engine-state.ts';
import { SeriesAllocation } from '../storage/index/series-allocation.ts';
import type { BlockColumn, RowBlock } from '../storage/memtable/row-block.ts';
import { mergesVersions } from '../storage/table-identity.ts';
import type { TableStore } from '../storage/table-store.ts';
import { blocks } from '../storage/versions/append-rows.ts';
import type { CatalogVersion } from '../storage/versions/catalog-version.ts';
import { initialAcl } from './access-writes.ts';
import { type IngestBatch, IngestError } from './ingest-batch.ts';
import { requireIngestRights } from './ingest-rights.ts';
import { checkRows, hasRowRules, type TableRowRules, withFieldDefaults, withTagDefaults } from './ingest-row-rules.ts';
import type { FitRules } from './ingest-rules.ts';
import { fitBatch } from './ingest-schema.ts';
import { fittingColumn } from './ingest-values.ts';

/** One table of the request. */
interface Target {
  /** As the first batch found it; undefined = made by this commit. */
  readonly store: TableStore | undefined;
  readonly before: TableDescriptor | undefined;
  /** With what the batches so far added. */
  table: TableDescriptor;
  readonly batches: IngestBatch[];
  readonly rowRules: TableRowRules | undefined;
}

/**
 * The operations that store line-protocol batches, against the newest state: tables and columns are made or added as
 * needed. Throws IngestError, or XX001 for a damaged table, before anything has changed. To be handed to `StorageEngine.commit` in the same turn.
 */
export function ingestOperations(
  batches: readonly IngestBatch[],
  state: EngineState,
  databaseOid: number,
  rules?: FitRules,
): CommitOperation[] {
  const catalog = state.databases.get(databaseOid)!.newest;
  const targets = new Map<string, Target>();
  for (const batch of batches) {
    if (batch.rowCount === 0) continue;
    const known = targets.get(batch.tableName);
    const before = known === undefined ? catalog.table('public', batch.tableName) : known.table;
    const schemaOid = before === undefined ? publicSchema(batch, catalog) : before.schemaOid;
    const rowRules = before !== undefined && hasRowRules(before) ? rules?.rows?.ofTable(before) : undefined;
    const whole = before === undefined || rowRules === undefined ? batch : withTagDefaults(batch, before, rowRules);
    const fitted = fitBatch(whole, before, () => state.takeOid(), rules);
    const table = fitted.schemaOid === schemaOid ? fitted : { ...fitted, schemaOid };
    if (known !== undefined) {
      known.table = table;
      known.batches.push(whole);
      continue;
    }
    const store = before === undefined ? undefined : state.tables.get(before.oid);
    store?.assertWhole();
    targets.set(batch.tableName, { store, before, table, batches: [whole], rowRules });
  }
  if (rules?.ownerOid !== undefined) requireIngestRights(state, databaseOid, rules.ownerOid, targets.values());
  const operations: CommitOperation[] = [];
  for (const target of targets.values()) operations.push(...tableOperations(target, state, catalog));
  return operations;
}

/** The OID of the schema that new tables go to, where a table shares its name with no index, sequence or type. */
function publicSchema({ tableName }: IngestBatch, catalog: CatalogVersion): number {
  const schema = catalog.schema('public');
  if (schema === undefined) {
    throw new IngestError(SqlState.InvalidSchemaName, 'schema "public" does not exist', tableName, 0);
  }
  if (catalog.hasRelation('public', tableName)) {
    throw new IngestError(SqlState.WrongObjectType, `"${tableName}" is not a table`, tableName, 0);
  }
  if (catalog.hasType('public', tableName)) {
    throw new IngestError(SqlState.DuplicateObject, `type "${tableName}" already exists`, tableName, 0);
  }
  return schema.oid;
}

function tableOperations(
  { store, before, table, batches, rowRules }: Target,
  state: EngineState,
  catalog: CatalogVersion,
): CommitOperation[] {
  const operations: CommitOperation[] = [];
  if (before === undefined) {
    operations.push({ kind: 'create-table', table });
    const items = initialAcl(catalog, { kind: 'table', ownerOid: table.ownerOid, schemaOid: table.schemaOid });
    if (items !== undefined) {
      const place = { classOid: ObjectClass.Relation, objectOid: table.oid, subId: 0 };
      operations.push({ kind: 'put-object', object: { kind: 'acl', ...place, items, version: 1 } });
    }
  } else if (before !== table) operations.push({ kind: 'alter-table', table });
  const series = new SeriesAllocation(table, store, undefined, { maxSeries: state.maxSeriesPerTable });
  const rows: RowBlock[] = [];
  let nextRowId = store?.nextRowId ?? 1;
  const merges = mergesVersions(table);
  for (const batch of batches) {
    const columns = blockColumns(batch, table, rowRules);
    const fractions = batch.remainders === undefined ? undefined : Uint32Array.from(batch.remainders);
    const keys = { times: batch.times.subarray(0, batch.rowCount), fractions };
    for (const block of blocks(table, keys, seriesIdsOf(batch, table, series), columns, merges)) {
      if (merges) {
        rows.push(block);
        continue;
      }
      const rowIds = new Float64Array(block.rowCount);
      for (let row = 0; row < block.rowCount; row++) rowIds[row] = nextRowId++;
      rows.push({ ...block, rowIds });
    }
  }
  // Large transactions take ids of their own while this commit is on its way.
  if (store !== undefined) store.nextRowId = nextRowId;
  const newSeries = series.operation();
  if (newSeries !== undefined) operations.push(newSeries);
  operations.push({ kind: 'rows', tableOid: table.oid, schemaVersion: table.schemaVersion, blocks: rows });
  return operations;
}

/** The id of each row's series. */
function seriesIdsOf(batch: IngestBatch, table: TableDescriptor, series: SeriesAllocation): Uint32Array {
  const numbers = batch.tagNames.map((name) => table.columns.find((column) => column.name === name)!.number);
  const tuples = series.tuplesOf(batch.series, numbers);
  const ids = new Uint32Array(batch.series.length);
  for (let index = 0; index < ids.length; index++) ids[index] = series.idOf(tuples, index);
  const seriesIds = new Uint32Array(batch.rowCount);
  for (let row = 0; row < batch.rowCount; row++) seriesIds[row] = ids[batch.seriesOfRow[row]];
  return seriesIds;
}

/** The fields as the table has them, completed and checked. */
function blockColumns(
  batch: IngestBatch,
  table: TableDescriptor,
  rowRules: TableRowRules | undefined,
): readonly BlockColumn[] {
  const given = batch.fields.map((field): BlockColumn => {
    const { number, type } = table.columns.find((column) => column.name === field.name)!;
    const column = fittingColumn(field, type, (code, message, row) => {
      throw new IngestError(code, message, batch.tableName, row);
    });
    return { number, type: type.definition, column };
  });
  const columns = rowRules === undefined ? given : withFieldDefaults(given, table, batch.rowCount, rowRules);
  for (const { name, number, role, isNotNull, isHidden } of table.columns) {
    if (!isNotNull || role !== 'field' || isHidden === true) continue;
    const column = columns.find((candidate) => candidate.number === number)?.column;
    const row = column === undefined ? 0 : (column.validity?.indexOf(0) ?? -1);
    if (row < 0 || row >= batch.rowCount) continue;
    throw new IngestError(
      SqlState.NotNullViolation,
      `null value in column "${name}" of relation "${table.name}" violates not-null constraint`,
      batch.tableName,
      row,
    );
  }
  if (rowRules !== undefined) checkRows(batch, table, columns, rowRules);
  return columns;
}
