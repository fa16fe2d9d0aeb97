import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { integerOf } from './convert-role.ts';
import type {
  AlterDatabaseStatement,
  CreateDatabaseStatement,
  DatabaseOptions,
  DropDatabaseStatement,
  RenameDatabaseStatement,
} from './role-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** Databases have one encoding and one order; who says just that says nothing. */
const FIXED: Readonly<Record<string, (value: string) => boolean>> = {
  template: (value) => /^(template[01]|default)$/i.test(value),
  encoding: (value) => /^(utf-?8|unicode|default|6)$/i.test(value),
  locale: isByteOrder,
  lc_collate: isByteOrder,
  lc_ctype: isByteOrder,
  locale_provider: (value) => /^libc$/i.test(value),
  strategy: () => true,
  tablespace: (value) => /^(pg_default|default)$/i.test(value),
};

function isByteOrder(value: string): boolean {
  return /^(c|posix|c\.utf-?8|default)$/i.test(value);
}

export function convertCreateDatabase(node: TreeNode): CreateDatabaseStatement {
  const statement: CreateDatabaseStatement = {
    kind: 'create-database',
    name: node.text('dbname') ?? '',
    options: databaseOptions(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertAlterDatabase(node: TreeNode): AlterDatabaseStatement {
  const statement: AlterDatabaseStatement = {
    kind: 'alter-database',
    name: node.text('dbname') ?? '',
    options: databaseOptions(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function databaseOptions(node: TreeNode): DatabaseOptions {
  const options: { -readonly [Name in keyof DatabaseOptions]: DatabaseOptions[Name] } = {};
  const seen = new Set<string>();
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    if (seen.has(name)) {
      throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position: option.position });
    }
    seen.add(name);
    option.skip('defaction');
    const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
    if (name === 'owner') {
      const owner = textOf(option);
      if (owner !== undefined) options.owner = owner;
    } else if (name === 'connection_limit') options.connectionLimit = integerOf(option);
    else if (name === 'allow_connections') options.allowsConnections = booleanOf(option);
    else if (name === 'is_template') options.isTemplate = booleanOf(option);
    else if (fixed !== undefined) {
      const value = textOf(option);
      if (value !== undefined && !fixed(value)) {
        throw notSupported(`database option ${name.toUpperCase()} = '${value}'`, option.position);
      }
    } else throw notSupported(`database option "${name}"`, option.position);
    option.finish();
  }
  return options;
}

/** undefined: DEFAULT. */
function textOf(option: TreeNode): string | undefined {
  const value = option.node('arg');
  if (value === undefined) return undefined;
  if (value.kind === 'Integer') return String(value.integer('ival'));
  return value.text('sval') ?? '';
}

function booleanOf(option: TreeNode): boolean {
  const value = option.node('arg');
  if (value === undefined) return true;
  if (value.kind === 'Boolean') return value.flag('boolval');
  const text = (value.kind === 'Integer' ? String(value.integer('ival')) : (value.text('sval') ?? '')).toLowerCase();
  if (['true', 'on', '1', 'yes'].includes(text)) return true;
  if (['false', 'off', '0', 'no'].includes(text)) return false;
  throw new SqlError(SqlState.SyntaxError, 'option requires a Boolean value', { position: option.position });
}

export function isRenameOfDatabase(node: TreeNode): boolean {
  return node.is('renameType', 'OBJECT_DATABASE');
}

export function convertRenameOfDatabase(node: TreeNode): RenameDatabaseStatement {
  node.skip('renameType', 'relationType', 'behavior');
  const statement: RenameDatabaseStatement = {
    kind: 'rename-database',
    name: node.text('subname') ?? '',
    newName: node.text('newname') ?? '',
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertDropDatabase(node: TreeNode): DropDatabaseStatement {
  const words = node.nodes('options').map((option) => {
    option.skip('defaction');
    return option.text('defname') ?? '';
  });
  const unknown = words.find((word) => word !== 'force');
  if (unknown !== undefined) {
    throw new SqlError(SqlState.SyntaxError, `unrecognized DROP DATABASE option "${unknown}"`);
  }
  const statement: DropDatabaseStatement = {
    kind: 'drop-database',
    name: node.text('dbname') ?? '',
    ifExists: node.flag('missing_ok'),
    isForced: words.length > 0,
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
