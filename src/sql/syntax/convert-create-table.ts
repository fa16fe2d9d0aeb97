import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ColumnDefinitionSyntax, CreateTableStatement, TypeSyntax } from './ast.ts';
import { convertRelationName } from './convert-relation.ts';
import { convertTableOption } from './convert-table-option.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { TreeNode } from './tree-node.ts';

type PrimaryKey = NonNullable<CreateTableStatement['primaryKey']>;

const NO_ON_COMMIT: Readonly<Record<string, true>> = { ONCOMMIT_NOOP: true };
const PERSISTENCES: Readonly<Record<string, string>> = { t: 'a temporary table', u: 'an unlogged table' };

export function convertCreateTable(node: TreeNode): CreateTableStatement {
  for (const field of ['inhRelations', 'partbound', 'partspec', 'ofTypename', 'tablespacename', 'accessMethod']) {
    node.refuse(field);
  }
  const range = node.part('relation', 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  const persistence = range.text('relpersistence') ?? '';
  if (persistence !== 'p') throw range.refusal(PERSISTENCES[persistence] ?? 'this kind of table');
  range.finish();
  node.choice('oncommit', NO_ON_COMMIT);

  const columns: ColumnDefinitionSyntax[] = [];
  // Keys of the whole table; where any key, of a column too, was written.
  const keys: PrimaryKey[] = [];
  const keyPositions: number[] = [];
  for (const element of node.nodes('tableElts')) {
    if (element.kind === 'ColumnDef') {
      columns.push(convertColumn(element, relation.name, { keys, keyPositions }));
    } else if (element.kind === 'Constraint') {
      keys.push(convertTableConstraint(element));
      keyPositions.push(element.position);
    } else {
      throw element.refusal();
    }
  }
  if (keyPositions.length > 1) {
    throw new SqlError(
      SqlState.InvalidTableDefinition,
      `multiple primary keys for table "${relation.name}" are not allowed`,
      { position: keyPositions[1] },
    );
  }
  const statement: CreateTableStatement = {
    kind: 'create-table',
    relation,
    ifNotExists: node.flag('if_not_exists'),
    columns,
    primaryKey: keys[0],
    options: node.nodes('options').map(convertTableOption),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** Names that PostgreSQL makes a sequence and a default out of. */
const SERIAL_TYPES = new Set(['smallserial', 'serial', 'bigserial', 'serial2', 'serial4', 'serial8']);

function convertColumn(
  node: TreeNode,
  table: string,
  found: { readonly keys: PrimaryKey[]; readonly keyPositions: number[] },
): ColumnDefinitionSyntax {
  const { position } = node;
  const name = node.text('colname') ?? '';
  const typeNode = node.part('typeName', 'TypeName');
  if (typeNode === undefined) throw node.refusal();
  const type: TypeSyntax = convertTypeName(typeNode);
  if (type.schema === undefined && SERIAL_TYPES.has(type.name)) throw node.refusal(`type ${type.name}`);

  let nullability: 'null' | 'not null' | undefined;
  let isPrimaryKey = false;
  for (const constraint of node.nodes('constraints')) {
    const kind = constraint.choice('contype', COLUMN_CONSTRAINTS);
    // PostgreSQL 18 notes on every constraint that it is enforced and valid, unless the statement says otherwise.
    constraint.skip('is_enforced', 'initially_valid');
    if (kind === 'primary key') {
      const keyName = constraint.text('conname');
      found.keyPositions.push(constraint.position);
      // A name has no place in the column: a named key becomes a key of the table.
      if (keyName === undefined) isPrimaryKey = true;
      else found.keys.push({ name: keyName, columns: [name], position: constraint.position });
    } else {
      if (nullability !== undefined && nullability !== kind) {
        throw new SqlError(
          SqlState.SyntaxError,
          `conflicting NULL/NOT NULL declarations for column "${name}" of table "${table}"`,
          { position: constraint.position },
        );
      }
      nullability = kind;
    }
    constraint.finish();
  }
  // `is_local`: the column is the table's own and not inherited.
  node.skip('is_local');
  node.finish();
  return { name, type, isNotNull: nullability === 'not null', isPrimaryKey, position };
}

const COLUMN_CONSTRAINTS: Readonly<Record<string, 'null' | 'not null' | 'primary key'>> = {
  CONSTR_NULL: 'null',
  CONSTR_NOTNULL: 'not null',
  CONSTR_PRIMARY: 'primary key',
};

const TABLE_CONSTRAINTS: Readonly<Record<string, 'primary key'>> = { CONSTR_PRIMARY: 'primary key' };

function convertTableConstraint(node: TreeNode): PrimaryKey {
  node.choice('contype', TABLE_CONSTRAINTS);
  for (const field of ['indexname', 'including', 'options', 'indexspace', 'deferrable']) node.refuse(field);
  const key = { name: node.text('conname'), columns: node.names('keys'), position: node.position };
  node.finish();
  return key;
}
