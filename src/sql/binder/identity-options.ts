import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SequenceOptionSyntax } from '../syntax/definition-ast.ts';
import type { IdentitySyntax } from '../syntax/table-definition-ast.ts';
import type { BindContext } from './bind-context.ts';

type Identity = Pick<IdentitySyntax, 'options'> | undefined;

/**
 * The name of an identity column's sequence as it is written; undefined: to be chosen. Throws 3F000 for a schema that is
 * not there, 42P01 for another schema than the table's.
 */
export function writtenSequenceName(
  { catalog }: BindContext,
  table: { readonly schemaName: string; readonly name: string },
  identity: Identity,
): string | undefined {
  const option = identity?.options.find((candidate) => candidate.name === 'sequence_name');
  if (option === undefined) return undefined;
  const { schema, name } = option.sequence;
  if (schema === undefined || schema === table.schemaName) return name;
  throw catalog.schema(schema) === undefined
    ? new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`)
    : new SqlError(SqlState.UndefinedTable, `relation "${schema}.${table.name}" does not exist`);
}

/** The other options of the sequence. Throws 42601 for AS: the column has the type. */
export function columnSequenceOptions(identity: Identity): readonly SequenceOptionSyntax[] {
  const options = identity?.options ?? [];
  const type = options.find((option) => option.name === 'as');
  if (type !== undefined) {
    throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position: type.position });
  }
  return options.filter((option) => option.name !== 'sequence_name');
}
