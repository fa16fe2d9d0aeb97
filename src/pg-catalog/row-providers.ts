import { ObjectClass } from '../catalog/catalog-object.ts';
import type { Value } from '../types/value.ts';
import { aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { pgAmopRows, pgAmprocRows, pgOpclassRows, pgOpfamilyRows } from './fact-tables.ts';
import { columnsParts } from './information-schema/columns.ts';
import { tablesRows } from './information-schema/relations.ts';
import { parametersRows, routinesRows } from './information-schema/routines.ts';
import { pgAggregateRows } from './pg-aggregate.ts';
import { pgAmRows } from './pg-am.ts';
import { pgAttrdefParts } from './pg-attrdef.ts';
import { pgAttributeParts } from './pg-attribute.ts';
import { pgCastRows } from './pg-cast.ts';
import { pgClassParts } from './pg-class.ts';
import { pgConstraintParts } from './pg-constraint.ts';
import { pgCursorsRows } from './pg-cursors.ts';
import { pgDatabaseRows } from './pg-database.ts';
import { pgDependParts } from './pg-depend.ts';
import { pgDescriptionRows } from './pg-description.ts';
import { pgEnumRows } from './pg-enum.ts';
import { pgExtensionRows } from './pg-extension.ts';
import { pgIndexParts } from './pg-index.ts';
import { pgInitPrivsRows } from './pg-init-privs.ts';
import { pgLocksRows } from './pg-locks.ts';
import { pgNamespaceRows } from './pg-namespace.ts';
import { pgOperatorRows } from './pg-operator.ts';
import { pgPreparedStatementsRows } from './pg-prepared-statements.ts';
import { pgProcRows } from './pg-proc.ts';
import { pgRangeRows } from './pg-range.ts';
import { pgRewriteRows } from './pg-rewrite.ts';
import {
  pgAuthidRows,
  pgAuthMembersRows,
  pgDbRoleSettingRows,
  pgDefaultAclRows,
  pgShdescriptionRows,
} from './pg-roles.ts';
import { pgSequenceRows } from './pg-sequence.ts';
import { pgSettingsRows } from './pg-settings.ts';
import { pgStatActivityRows } from './pg-stat-activity.ts';
import { pgStatStatementsRows } from './pg-stat-statements.ts';
import { pgStatsRows } from './pg-stats.ts';
import { pgTypeParts } from './pg-type.ts';
import type { RelationPart } from './relation-part.ts';
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
  readonly rows: Rows | Parts;
}

type Rows = (source: CatalogSource) => Iterable<readonly Value[]>;
/** Object by object, where one version of the catalog has most of them in common with the next. */
type Parts = { parts(source: CatalogSource): Iterable<RelationPart> };

const lasting = (rows: Rows): RowProvider => ({ lifetime: 'lasting', rows });
const catalog = (rows: Rows): RowProvider => ({ lifetime: 'catalog', rows });
const catalogParts = (parts: Parts['parts']): RowProvider => ({ lifetime: 'catalog', rows: { parts } });
const viewer = (rows: Rows): RowProvider => ({ lifetime: 'viewer', rows });
const viewerParts = (parts: Parts['parts']): RowProvider => ({ lifetime: 'viewer', rows: { parts } });
const moment = (rows: Rows): RowProvider => ({ lifetime: 'moment', rows });

const C_ENCODING = 6;

/** By qualified name. Relations that are neither here nor views have no rows. */
const PROVIDERS: Readonly<Record<string, RowProvider>> = {
  'information_schema.columns': viewerParts(columnsParts),
  'information_schema.parameters': viewer(parametersRows),
  'information_schema.routines': viewer(routinesRows),
  'information_schema.tables': viewer(tablesRows),
  'pg_catalog.pg_aggregate': lasting(pgAggregateRows),
  'pg_catalog.pg_am': lasting(pgAmRows),
  'pg_catalog.pg_amop': lasting(pgAmopRows),
  'pg_catalog.pg_amproc': lasting(pgAmprocRows),
  'pg_catalog.pg_attrdef': catalogParts(pgAttrdefParts),
  'pg_catalog.pg_attribute': catalogParts(pgAttributeParts),
  'pg_catalog.pg_auth_members': moment(pgAuthMembersRows),
  'pg_catalog.pg_authid': moment(pgAuthidRows),
  'pg_catalog.pg_cast': lasting(pgCastRows),
  'pg_catalog.pg_class': catalogParts(pgClassParts),
  'pg_catalog.pg_collation': lasting(() => [
    [100, 'default', 11, 10, 'd', true, -1, null, null, null, null],
    [950, 'C', 11, 10, 'c', true, -1, 'C', 'C', null, null],
    [951, 'POSIX', 11, 10, 'c', true, -1, 'POSIX', 'POSIX', null, null],
    [12340, 'ucs_basic', 11, 10, 'c', true, C_ENCODING, 'C', 'C', null, null],
  ]),
  'pg_catalog.pg_constraint': catalogParts(pgConstraintParts),
  'pg_catalog.pg_database': moment(pgDatabaseRows),
  'pg_catalog.pg_db_role_setting': moment(pgDbRoleSettingRows),
  'pg_catalog.pg_default_acl': catalog(pgDefaultAclRows),
  'pg_catalog.pg_depend': catalogParts(pgDependParts),
  'pg_catalog.pg_description': catalog(pgDescriptionRows),
  'pg_catalog.pg_enum': catalog(pgEnumRows),
  'pg_catalog.pg_extension': catalog(pgExtensionRows),
  'pg_catalog.pg_index': catalogParts(pgIndexParts),
  'pg_catalog.pg_init_privs': catalog(pgInitPrivsRows),
  'pg_catalog.pg_language': catalog((source) => [
    [12, 'internal', 10, false, false, 0, 0, 2246, null],
    [13, 'c', 10, false, false, 0, 0, 2247, null],
    [14, 'sql', 10, false, true, 0, 0, 2248, aclOf(source, ObjectClass.Language, 14)],
  ]),
  'pg_catalog.pg_locks': moment(pgLocksRows),
  'pg_catalog.pg_namespace': catalog(pgNamespaceRows),
  'pg_catalog.pg_opclass': lasting(pgOpclassRows),
  'pg_catalog.pg_operator': lasting(pgOperatorRows),
  'pg_catalog.pg_opfamily': lasting(pgOpfamilyRows),
  'pg_catalog.pg_proc': catalog(pgProcRows),
  'pg_catalog.pg_range': lasting(pgRangeRows),
  'pg_catalog.pg_rewrite': catalog(pgRewriteRows),
  'pg_catalog.pg_sequence': catalog(pgSequenceRows),
  'pg_catalog.pg_shdescription': moment(pgShdescriptionRows),
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
  'pg_catalog.pg_type': catalogParts(pgTypeParts),
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
