import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { pgAmopRows, pgAmprocRows, pgOpclassRows, pgOpfamilyRows } from './fact-tables.ts';
import { columnsRows, tablesRows } from './information-schema/relations.ts';
import { parametersRows, routinesRows } from './information-schema/routines.ts';
import { pgAggregateRows } from './pg-aggregate.ts';
import { pgAmRows } from './pg-am.ts';
import { pgAttrdefRows } from './pg-attrdef.ts';
import { pgAttributeRows } from './pg-attribute.ts';
import { pgCastRows } from './pg-cast.ts';
import { pgClassRows } from './pg-class.ts';
import { pgConstraintRows } from './pg-constraint.ts';
import { pgCursorsRows } from './pg-cursors.ts';
import { pgDatabaseRows } from './pg-database.ts';
import { pgDependRows } from './pg-depend.ts';
import { pgDescriptionRows } from './pg-description.ts';
import { pgEnumRows } from './pg-enum.ts';
import { pgIndexRows } from './pg-index.ts';
import { pgLocksRows } from './pg-locks.ts';
import { pgNamespaceRows } from './pg-namespace.ts';
import { pgOperatorRows } from './pg-operator.ts';
import { pgPreparedStatementsRows } from './pg-prepared-statements.ts';
import { pgProcRows } from './pg-proc.ts';
import { pgRewriteRows } from './pg-rewrite.ts';
import { pgAuthidRows, pgAuthMembersRows } from './pg-roles.ts';
import { pgSequenceRows } from './pg-sequence.ts';
import { pgSettingsRows } from './pg-settings.ts';
import { pgStatActivityRows } from './pg-stat-activity.ts';
import { pgStatStatementsRows } from './pg-stat-statements.ts';
import { pgStatsRows } from './pg-stats.ts';
import { pgTypeRows } from './pg-type.ts';
import {
  chunksRows,
  dimensionsRows,
  hypertablesRows,
  ownCompactionsRows,
  ownSegmentsRows,
  ownSeriesRows,
  ownTablesRows,
  ownTagsRows,
  ownWalRows,
} from './time-series-rows.ts';

/** Where the rows of a relation come from, and how long they stay true. */
export interface RowProvider {
  /** For ever; as long as a version of the catalog, for all or for sessions that see alike; or for this one scan. */
  readonly lifetime: 'lasting' | 'catalog' | 'viewer' | 'moment';
  rows(source: CatalogSource): Iterable<readonly Value[]>;
}

const lasting = (rows: RowProvider['rows']): RowProvider => ({ lifetime: 'lasting', rows });
const catalog = (rows: RowProvider['rows']): RowProvider => ({ lifetime: 'catalog', rows });
const viewer = (rows: RowProvider['rows']): RowProvider => ({ lifetime: 'viewer', rows });
const moment = (rows: RowProvider['rows']): RowProvider => ({ lifetime: 'moment', rows });

const C_ENCODING = 6;
/** Of the functions and views that we have of TimescaleDB's; clients look whether there is one. */
const TIMESCALE_VERSION = '2.11.0';

/** By qualified name. Relations that are neither here nor views have no rows. */
const PROVIDERS: Readonly<Record<string, RowProvider>> = {
  'information_schema.columns': viewer(columnsRows),
  'information_schema.parameters': viewer(parametersRows),
  'information_schema.routines': viewer(routinesRows),
  'information_schema.tables': viewer(tablesRows),
  'pg_catalog.pg_aggregate': lasting(pgAggregateRows),
  'pg_catalog.pg_am': lasting(pgAmRows),
  'pg_catalog.pg_amop': lasting(pgAmopRows),
  'pg_catalog.pg_amproc': lasting(pgAmprocRows),
  'pg_catalog.pg_attrdef': catalog(pgAttrdefRows),
  'pg_catalog.pg_attribute': catalog(pgAttributeRows),
  'pg_catalog.pg_auth_members': moment(pgAuthMembersRows),
  'pg_catalog.pg_authid': moment(pgAuthidRows),
  'pg_catalog.pg_cast': lasting(pgCastRows),
  'pg_catalog.pg_class': catalog(pgClassRows),
  'pg_catalog.pg_collation': lasting(() => [
    [100, 'default', 11, 10, 'd', true, -1, null, null, null, null],
    [950, 'C', 11, 10, 'c', true, -1, 'C', 'C', null, null],
    [951, 'POSIX', 11, 10, 'c', true, -1, 'POSIX', 'POSIX', null, null],
    [12340, 'ucs_basic', 11, 10, 'c', true, C_ENCODING, 'C', 'C', null, null],
  ]),
  'pg_catalog.pg_constraint': catalog(pgConstraintRows),
  'pg_catalog.pg_database': moment(pgDatabaseRows),
  'pg_catalog.pg_depend': catalog(pgDependRows),
  'pg_catalog.pg_description': catalog(pgDescriptionRows),
  'pg_catalog.pg_enum': catalog(pgEnumRows),
  'pg_catalog.pg_extension': lasting(() => [[15_050, 'timescaledb', 10, 11, false, TIMESCALE_VERSION, null, null]]),
  'pg_catalog.pg_index': catalog(pgIndexRows),
  'pg_catalog.pg_language': lasting(() => [
    [12, 'internal', 10, false, false, 0, 0, 2246, null],
    [13, 'c', 10, false, false, 0, 0, 2247, null],
    [14, 'sql', 10, false, true, 0, 0, 2248, null],
  ]),
  'pg_catalog.pg_locks': moment(pgLocksRows),
  'pg_catalog.pg_namespace': catalog(pgNamespaceRows),
  'pg_catalog.pg_opclass': lasting(pgOpclassRows),
  'pg_catalog.pg_operator': lasting(pgOperatorRows),
  'pg_catalog.pg_opfamily': lasting(pgOpfamilyRows),
  'pg_catalog.pg_proc': catalog(pgProcRows),
  'pg_catalog.pg_rewrite': catalog(pgRewriteRows),
  'pg_catalog.pg_sequence': catalog(pgSequenceRows),
  'pg_catalog.pg_stat_activity': moment(pgStatActivityRows),
  'pg_catalog.pg_stat_statements': moment(pgStatStatementsRows),
  'pg_catalog.pg_cursors': moment(pgCursorsRows),
  'pg_catalog.pg_prepared_statements': moment(pgPreparedStatementsRows),
  'pg_catalog.pg_settings': moment(pgSettingsRows),
  'pg_catalog.pg_stats': moment(pgStatsRows),
  'pg_catalog.pg_tablespace': lasting(() => [
    [1663, 'pg_default', 10, null, null],
    [1664, 'pg_global', 10, null, null],
  ]),
  'pg_catalog.pg_type': catalog(pgTypeRows),
  'timescaledb_information.chunks': moment(chunksRows),
  'timescaledb_information.dimensions': moment(dimensionsRows),
  'timescaledb_information.hypertables': moment(hypertablesRows),
  'tidewire.compactions': moment(ownCompactionsRows),
  'tidewire.segments': moment(ownSegmentsRows),
  'tidewire.series': moment(ownSeriesRows),
  'tidewire.tables': moment(ownTablesRows),
  'tidewire.tags': moment(ownTagsRows),
  'tidewire.wal': moment(ownWalRows),
};

export function rowProvider(schemaName: string, name: string): RowProvider | undefined {
  return PROVIDERS[`${schemaName}.${name}`];
}
