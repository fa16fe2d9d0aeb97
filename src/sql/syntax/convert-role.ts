import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertBehavior } from './convert-behavior.ts';
import type {
  AlterRoleStatement,
  CreateRoleStatement,
  DropOwnedStatement,
  DropRoleStatement,
  ReassignOwnedStatement,
  RenameRoleStatement,
  RoleOptions,
  RoleSyntax,
} from './role-ast.ts';
import type { TreeNode } from './tree-node.ts';

const ROLE_KINDS: Readonly<Record<string, RoleSyntax['kind']>> = {
  ROLESPEC_CSTRING: 'named',
  ROLESPEC_CURRENT_ROLE: 'current',
  ROLESPEC_CURRENT_USER: 'current',
  ROLESPEC_SESSION_USER: 'session',
  ROLESPEC_PUBLIC: 'public',
};

/** OWNER TO name, CURRENT_USER and its like. */
export function convertRole(node: TreeNode, field: string): RoleSyntax {
  const role = node.part(field, 'RoleSpec');
  if (role === undefined) throw node.refusal();
  return roleOf(role);
}

/** A RoleSpec. */
export function roleOf(role: TreeNode): RoleSyntax {
  if (role.kind !== 'RoleSpec') throw role.refusal();
  const kind = role.choice('roletype', ROLE_KINDS);
  const name = role.text('rolename');
  role.finish();
  return { kind, name: kind === 'named' ? name : undefined, position: role.position };
}

const CREATED: Readonly<Record<string, 'role' | 'user'>> = {
  ROLESTMT_ROLE: 'role',
  ROLESTMT_USER: 'user',
  ROLESTMT_GROUP: 'role',
};

/** CREATE ROLE, USER and GROUP. */
export function convertCreateRole(node: TreeNode): CreateRoleStatement {
  const written = convertRoleOptions(node);
  const statement: CreateRoleStatement = {
    kind: 'create-role',
    name: node.text('role') ?? '',
    isUser: node.choice('stmt_type', CREATED) === 'user',
    options: written.options,
    inRoles: written.lists.addroleto ?? [],
    members: written.lists.rolemembers ?? [],
    admins: written.lists.adminmembers ?? [],
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** ALTER ROLE and USER with options, ALTER GROUP … ADD and DROP USER. */
export function convertAlterRole(node: TreeNode): AlterRoleStatement {
  const { options, lists } = convertRoleOptions(node);
  const statement: AlterRoleStatement = {
    kind: 'alter-role',
    role: convertRole(node, 'role'),
    options,
    members: lists.rolemembers,
    isDrop: node.integer('action') < 0,
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

const FLAGS: Readonly<Record<string, keyof RoleOptions>> = {
  superuser: 'isSuperuser',
  inherit: 'inherits',
  createrole: 'canCreateRole',
  createdb: 'canCreateDatabase',
  canlogin: 'canLogin',
  isreplication: 'canReplicate',
  bypassrls: 'bypassesRowSecurity',
};

interface WrittenOptions {
  readonly options: RoleOptions;
  readonly lists: Readonly<Record<string, readonly RoleSyntax[]>>;
}

function convertRoleOptions(node: TreeNode): WrittenOptions {
  const options: Record<string, unknown> = {};
  const lists: Record<string, readonly RoleSyntax[]> = {};
  const seen = new Set<string>();
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    option.skip('defaction');
    if (seen.has(name)) {
      throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position: option.position });
    }
    seen.add(name);
    const flag = FLAGS[name];
    if (flag !== undefined) options[flag] = option.required('arg').flag('boolval');
    else if (name === 'connectionlimit') options.connectionLimit = integerOf(option);
    else if (name === 'password')
      options.password = option.node('arg')?.text('sval') ?? (option.has('arg') ? '' : null);
    else if (name === 'validUntil') options.validUntil = option.required('arg').text('sval') ?? '';
    else if (name === 'addroleto' || name === 'rolemembers' || name === 'adminmembers') {
      lists[name] = option.required('arg').nodes('items').map(roleOf);
      // SYSID has meant nothing for long, in PostgreSQL too.
    } else if (name === 'sysid') option.skip('arg');
    else throw notSupported(`role option "${name}"`, option.position);
    option.finish();
  }
  return { options: options as RoleOptions, lists };
}

/** An option that is a number. */
export function integerOf(option: TreeNode): number {
  const value = option.required('arg');
  const number = value.kind === 'Integer' ? value.integer('ival') : Number(value.text('fval') ?? value.text('sval'));
  if (Number.isSafeInteger(number)) return number;
  throw new SqlError(SqlState.SyntaxError, `${option.text('defname') ?? 'option'} requires an integer value`, {
    position: option.position,
  });
}

export function isRenameOfRole(node: TreeNode): boolean {
  return node.is('renameType', 'OBJECT_ROLE');
}

export function convertRenameOfRole(node: TreeNode): RenameRoleStatement {
  node.skip('renameType', 'relationType', 'behavior');
  const statement: RenameRoleStatement = {
    kind: 'rename-role',
    name: node.text('subname') ?? '',
    newName: node.text('newname') ?? '',
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertDropRole(node: TreeNode): DropRoleStatement {
  const statement: DropRoleStatement = {
    kind: 'drop-role',
    roles: node.nodes('roles').map(roleOf),
    ifExists: node.flag('missing_ok'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertDropOwned(node: TreeNode): DropOwnedStatement {
  const statement: DropOwnedStatement = {
    kind: 'drop-owned',
    roles: node.nodes('roles').map(roleOf),
    ...convertBehavior(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertReassignOwned(node: TreeNode): ReassignOwnedStatement {
  const statement: ReassignOwnedStatement = {
    kind: 'reassign-owned',
    roles: node.nodes('roles').map(roleOf),
    newOwner: convertRole(node, 'newrole'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
