import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { setOwner, setPersistence } from '../../database/schema-change/table-properties.ts';
import { unreachable } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { type FoundRelation, lockOidOf, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import type { AlterTableAction, AlterTableStatement } from '../../sql/syntax/alter-table-ast.ts';
import type { RoleSyntax } from '../../sql/syntax/role-ast.ts';
import { requireMayGive } from '../access/owned-statements.ts';
import {
  addColumn,
  addIdentity,
  changeDefault,
  changeIdentity,
  changeNotNull,
  dropExpression,
  dropIdentity,
  recheckRetyped,
  setType,
} from './alter-columns.ts';
import { addConstraint, changeConstraint, namedConstraint, validateConstraint } from './alter-constraints.ts';
import type { DefinitionRun } from './definition-run.ts';
import { dropObjects } from './drop-objects.ts';
import { constraintsOf } from './schema-object.ts';
import { TableAlteration } from './table-alteration.ts';
import { alterViewAsTable } from './view-statements.ts';

/**
 * The order in which PostgreSQL carries out the actions of one statement, whatever order they are written in: what is
 * dropped makes room, columns are there before constraints over them, keys before foreign keys.
 */
const PASSES: readonly (readonly AlterTableAction['kind'][])[] = [
  ['drop-column', 'drop-constraint', 'drop-default', 'drop-identity', 'drop-expression', 'drop-not-null'],
  ['set-type'],
  ['add-column'],
  ['set-not-null', 'set-identity'],
  ['add-constraint'],
  ['set-default', 'add-identity'],
  ['alter-constraint', 'validate-constraint', 'change-owner', 'set-persistence'],
];

const SET_TYPE_PASS = 1;
const CONSTRAINT_PASS = 4;

const TAGS = { table: 'ALTER TABLE', index: 'ALTER INDEX', sequence: 'ALTER SEQUENCE', view: 'ALTER VIEW' } as const;

export async function alterTable(run: DefinitionRun, statement: AlterTableStatement): Promise<string> {
  const { relation, relationKind, actions } = statement;
  const tag = TAGS[relationKind];
  const found = await run.findLocked(relation, 'exclusive', (candidate) => {
    checkKind(candidate, statement);
    return lockOidOf(candidate);
  });
  if (found === undefined) {
    if (!statement.ifExists) throw undefinedRelation(run.bindContext(), relation);
    run.notice(`relation "${nameAsWritten(relation)}" does not exist, skipping`);
    return tag;
  }
  if (found.kind === 'view') {
    for (const action of actions) alterViewAsTable(run, found.view, action);
    return tag;
  }
  if (found.kind !== 'table') {
    for (const action of actions) alterOther(run, found, action);
    return tag;
  }
  const alteration = new TableAlteration(run, found.table);
  // Constraints that were written at new columns come after those of the statement's own.
  const constraints = actions.filter((action) => action.kind === 'add-constraint').map(({ constraint }) => constraint);
  for (const [pass, kinds] of PASSES.entries()) {
    if (pass === CONSTRAINT_PASS) {
      const ordered = [...constraints].sort((a, b) => Number(a.kind !== 'key') - Number(b.kind !== 'key'));
      for (const constraint of ordered) await addConstraint(alteration, constraint);
      continue;
    }
    for (const action of actions) {
      if (!kinds.includes(action.kind)) continue;
      if (action.kind === 'add-column') constraints.push(...(await addColumn(alteration, action)));
      else await perform(alteration, action);
    }
    if (pass === SET_TYPE_PASS) await recheckRetyped(alteration);
  }
  if (storedColumns(alteration.table).length === 0) {
    throw notSupported('a table without columns', 0, 'Drop the table, or add another column.');
  }
  await alteration.finish();
  return tag;
}

async function perform(alteration: TableAlteration, action: AlterTableAction): Promise<void> {
  switch (action.kind) {
    case 'drop-column':
      await dropColumn(alteration, action);
      break;
    case 'drop-constraint':
      await dropConstraint(alteration, action);
      break;
    case 'set-type':
      await setType(alteration, action);
      break;
    case 'set-not-null':
    case 'drop-not-null':
      changeNotNull(alteration, action);
      break;
    case 'set-default':
    case 'drop-default':
      changeDefault(alteration, action);
      break;
    case 'add-identity':
      await addIdentity(alteration, action);
      break;
    case 'set-identity':
      await changeIdentity(alteration, action);
      break;
    case 'drop-identity':
      dropIdentity(alteration, action);
      break;
    case 'drop-expression':
      dropExpression(alteration, action);
      break;
    case 'alter-constraint':
      changeConstraint(alteration, action);
      break;
    case 'validate-constraint':
      validateConstraint(alteration, action);
      break;
    case 'change-owner':
      changeOwner(alteration, action.owner);
      break;
    case 'set-persistence':
      changePersistence(alteration, action.persistence);
      break;
    case 'add-column':
    case 'add-constraint':
      break;
    default:
      unreachable(action);
  }
}

async function dropColumn(
  alteration: TableAlteration,
  { name, ifExists, isCascade }: Extract<AlterTableAction, { kind: 'drop-column' }>,
): Promise<void> {
  if (ifExists && !alteration.table.columns.some((column) => column.name === name)) {
    alteration.run.notice(`column "${name}" of relation "${alteration.table.name}" does not exist, skipping`);
    return;
  }
  const column = alteration.column(name, 'drop');
  alteration.publish();
  await dropObjects(alteration.run, [{ kind: 'column', table: alteration.table, column }], { isCascade });
  alteration.reload();
}

async function dropConstraint(
  alteration: TableAlteration,
  { name, ifExists, isCascade }: Extract<AlterTableAction, { kind: 'drop-constraint' }>,
): Promise<void> {
  if (ifExists && !constraintsOf(alteration.table).some((constraint) => constraint.name === name)) {
    alteration.run.notice(`constraint "${name}" of relation "${alteration.table.name}" does not exist, skipping`);
    return;
  }
  const constraint = namedConstraint(alteration, name);
  alteration.publish();
  await dropObjects(alteration.run, [{ kind: 'constraint', table: alteration.table, constraint }], { isCascade });
  alteration.reload();
}

/** The sequences of its columns belong to whom the table belongs to. */
function changeOwner(alteration: TableAlteration, owner: RoleSyntax): void {
  const { run, table } = alteration;
  const ownerOid = run.role(owner);
  if (ownerOid === table.ownerOid) return;
  requireMayGive(run, ownerOid, run.schema(table.schemaName));
  alteration.table = setOwner(table, ownerOid);
  for (const sequence of [...run.catalog.sequences()]) {
    if (sequence.owner?.tableOid === table.oid) run.transaction.sequences.alter({ ...sequence, ownerOid });
  }
}

function changePersistence(alteration: TableAlteration, persistence: 'permanent' | 'unlogged'): void {
  const { run, table } = alteration;
  if (table.persistence === 'temporary') {
    throw new SqlError(
      SqlState.InvalidTableDefinition,
      `cannot change logged status of table "${table.name}" because it is temporary`,
      { schemaName: table.schemaName, tableName: table.name },
    );
  }
  if (alteration.movesRows) {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot change persistence setting twice');
  }
  if (table.persistence === persistence) return;
  const neighbours = persistence === 'permanent' ? referencedTables(alteration) : referencingTables(run, table.oid);
  const other = neighbours.find((neighbour) => neighbour.oid !== table.oid && neighbour.persistence !== persistence);
  if (other !== undefined) {
    const [own, others] = persistence === 'permanent' ? ['logged', 'unlogged'] : ['unlogged', 'logged'];
    throw new SqlError(
      SqlState.InvalidTableDefinition,
      `could not change table "${table.name}" to ${own} because it references ${others} table "${other.name}"`,
      { tableName: table.name },
    );
  }
  alteration.table = setPersistence(table, persistence);
  alteration.movesRows = true;
}

function referencedTables({ run, table }: TableAlteration): TableDescriptor[] {
  return table.constraints.flatMap((constraint) =>
    constraint.kind === 'foreign-key' ? [run.table(constraint.referencedTableOid)] : [],
  );
}

function referencingTables(run: DefinitionRun, tableOid: number): TableDescriptor[] {
  return [...run.catalog.tables()].filter(({ constraints }) =>
    constraints.some((constraint) => constraint.kind === 'foreign-key' && constraint.referencedTableOid === tableOid),
  );
}

// ---------------------------------------------------------------- relations that are no tables

/** What PostgreSQL calls the actions. */
const ACTION_NAMES: Readonly<Record<AlterTableAction['kind'], string>> = {
  'add-column': 'ADD COLUMN',
  'drop-column': 'DROP COLUMN',
  'set-type': 'ALTER COLUMN ... SET DATA TYPE',
  'set-not-null': 'ALTER COLUMN ... SET NOT NULL',
  'drop-not-null': 'ALTER COLUMN ... DROP NOT NULL',
  'set-default': 'ALTER COLUMN ... SET DEFAULT',
  'drop-default': 'ALTER COLUMN ... DROP DEFAULT',
  'add-identity': 'ALTER COLUMN ... ADD IDENTITY',
  'set-identity': 'ALTER COLUMN ... SET',
  'drop-identity': 'ALTER COLUMN ... DROP IDENTITY',
  'drop-expression': 'ALTER COLUMN ... DROP EXPRESSION',
  'add-constraint': 'ADD CONSTRAINT',
  'drop-constraint': 'DROP CONSTRAINT',
  'alter-constraint': 'ALTER CONSTRAINT',
  'validate-constraint': 'VALIDATE CONSTRAINT',
  'change-owner': 'OWNER TO',
  'set-persistence': 'SET LOGGED',
};

/** Throws 42501 for a system table, 42809 for a relation that is not what the statement calls it or cannot be altered so. */
function checkKind(found: FoundRelation, { relationKind, relation, actions }: AlterTableStatement): void {
  if (found.kind === 'table' && found.table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${relation.name}" is a system catalog`);
  }
  if (relationKind !== 'table' && found.kind !== relationKind) {
    const article = relationKind === 'index' ? 'an' : 'a';
    throw new SqlError(SqlState.WrongObjectType, `"${relation.name}" is not ${article} ${relationKind}`);
  }
  if (found.kind === 'table') return;
  for (const action of actions) {
    if (action.kind === 'change-owner') continue;
    if (found.kind === 'view' && (action.kind === 'set-default' || action.kind === 'drop-default')) continue;
    const isUnlogged = action.kind === 'set-persistence' && action.persistence === 'unlogged';
    const name = isUnlogged ? 'SET UNLOGGED' : ACTION_NAMES[action.kind];
    throw new SqlError(
      SqlState.WrongObjectType,
      `ALTER action ${name} cannot be performed on relation "${relation.name}"`,
      { detail: `This operation is not supported for ${found.kind === 'index' ? 'indexes' : `${found.kind}s`}.` },
    );
  }
}

/** OWNER TO of a sequence that belongs to no table, which goes with its own. */
function alterOther(
  run: DefinitionRun,
  found: Exclude<FoundRelation, { readonly kind: 'table' | 'view' }>,
  action: AlterTableAction,
): void {
  if (action.kind !== 'change-owner') return;
  const ownerOid = run.role(action.owner);
  if (found.kind === 'index') {
    if (ownerOid === found.table.ownerOid) return;
    throw notSupported(`changing the owner of index "${found.name}"`, 0, "Change the owner of the index's table.");
  }
  const { sequence } = found;
  if (ownerOid === sequence.ownerOid) return;
  if (sequence.owner !== undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot change owner of sequence "${sequence.name}"`, {
      detail: `Sequence "${sequence.name}" is linked to table "${run.table(sequence.owner.tableOid).name}".`,
    });
  }
  requireMayGive(run, ownerOid, run.schema(sequence.schemaName));
  run.transaction.sequences.alter({ ...sequence, ownerOid });
}
