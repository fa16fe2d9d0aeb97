import type { SequenceOwner } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bindSequence } from '../../sql/binder/bind-sequence.ts';
import { relationNamed } from '../../sql/binder/find-relation.ts';
import { columnSequenceOptions } from '../../sql/binder/identity-options.ts';
import type { IdentitySyntax } from '../../sql/syntax/table-definition-ast.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { DefinitionRun } from './definition-run.ts';
import { findOwner } from './sequence-statements.ts';

export interface ColumnSequence {
  readonly table: TableDescriptor;
  readonly oid: number;
  readonly name: string;
  readonly type: SqlType;
  readonly identity: Pick<IdentitySyntax, 'options'> | undefined;
  /** undefined: it gets its owner once the column is in the catalog. */
  readonly owner: SequenceOwner | undefined;
}

/** The sequence of a serial or identity column. Rejects with 42P07 where its name is taken. */
export async function createColumnSequence(run: DefinitionRun, sequence: ColumnSequence): Promise<void> {
  const { table, oid, name, identity, owner } = sequence;
  const { counting, restart, ownedBy } = bindSequence(run.binding(), columnSequenceOptions(identity), {
    type: sequence.type.definition,
    isIdentity: identity !== undefined,
  });
  if (relationNamed(run.catalog, table.schemaName, name) !== undefined) {
    throw new SqlError(SqlState.DuplicateTable, `relation "${name}" already exists`);
  }
  const created = run.transaction.sequences.create({
    oid,
    schemaOid: table.schemaOid,
    schemaName: table.schemaName,
    name,
    ownerOid: table.ownerOid,
    ...counting,
    owner,
    ...(table.persistence === 'temporary' ? { isTemporary: true } : {}),
  });
  // The column is what it belongs to in the end, but another one that is named must be there.
  if (ownedBy !== undefined) await findOwner(run, created, ownedBy);
  if (restart !== undefined) run.transaction.sequences.alter(created, { lastValue: restart, isCalled: false });
}
