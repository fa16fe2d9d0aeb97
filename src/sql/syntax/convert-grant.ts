import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertBehavior } from './convert-behavior.ts';
import { relationNameOf } from './convert-relation.ts';
import { schemaName } from './convert-rename.ts';
import { convertRole, roleOf } from './convert-role.ts';
import { convertTypeName } from './convert-type-name.ts';
import type {
  DefaultPrivilegesStatement,
  GrantedName,
  GrantKind,
  GrantRoleStatement,
  GrantStatement,
  PrivilegeSyntax,
} from './role-ast.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, GrantKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_DATABASE: 'database',
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_LANGUAGE: 'language',
  OBJECT_TABLESPACE: 'tablespace',
};

const TARGETS: Readonly<Record<string, GrantStatement['target']>> = {
  ACL_TARGET_OBJECT: 'objects',
  ACL_TARGET_ALL_IN_SCHEMA: 'schemas',
  ACL_TARGET_DEFAULTS: 'default',
};

/** GRANT and REVOKE of rights on objects. */
export function convertGrant(node: TreeNode): GrantStatement {
  const statement: GrantStatement = {
    kind: 'grant',
    isGrant: node.flag('is_grant'),
    object: node.choice('objtype', OBJECTS),
    target: node.choice('targtype', TARGETS),
    names: node.nodes('objects').map(grantedObject),
    privileges: node.has('privileges') ? node.nodes('privileges').map(privilegeOf) : undefined,
    grantees: node.nodes('grantees').map(roleOf),
    grantOption: node.flag('grant_option'),
    grantor: node.has('grantor') ? convertRole(node, 'grantor') : undefined,
    ...convertBehavior(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function grantedObject(node: TreeNode): GrantedName {
  switch (node.kind) {
    case 'String':
      return schemaName(node.text('sval') ?? '');
    case 'List':
      return relationNameOf(node.names('items'), 0);
    case 'TypeName':
      return relationNameOf(node.names('names'), 0);
    case 'ObjectWithArgs':
      // What the arguments are called makes no difference.
      node.skip('objfuncargs');
      return {
        ...relationNameOf(node.names('objname'), 0),
        argumentTypes: node.flag('args_unspecified') ? undefined : node.nodes('objargs').map(convertTypeName),
      };
    case 'RangeVar': {
      const name: GrantedName = {
        database: node.text('catalogname'),
        schema: node.text('schemaname'),
        name: node.text('relname') ?? '',
        position: 0,
      };
      node.skip('inh', 'relpersistence');
      node.finish();
      return name;
    }
    default:
      throw node.refusal();
  }
}

/** Without a name: ALL of some columns. */
function privilegeOf(node: TreeNode): PrivilegeSyntax {
  const privilege = { name: node.text('priv_name') ?? 'all', columns: node.names('cols') };
  node.finish();
  return privilege;
}

/** GRANT and REVOKE of membership in roles. */
export function convertGrantRole(node: TreeNode): GrantRoleStatement {
  const isGrant = node.flag('is_grant');
  let adminOption = false;
  for (const option of node.nodes('opt')) {
    const name = option.text('defname') ?? '';
    if (name !== 'admin') throw notSupported(`GRANT … WITH ${name.toUpperCase()} of roles`, option.position);
    const isOn = option.node('arg')?.flag('boolval') ?? false;
    adminOption = isGrant ? isOn : true;
    option.skip('defaction');
    option.finish();
  }
  const statement: GrantRoleStatement = {
    kind: 'grant-role',
    isGrant,
    roles: node.nodes('granted_roles').map((role) => {
      const { name, columns } = privilegeOf(role);
      if (columns.length === 0) return name;
      throw new SqlError(SqlState.InvalidGrantOperation, 'column names cannot be included in GRANT/REVOKE ROLE');
    }),
    grantees: node.nodes('grantee_roles').map(roleOf),
    adminOption,
    grantor: node.has('grantor') ? convertRole(node, 'grantor') : undefined,
    position: node.context.statementPosition,
  };
  node.skip('behavior');
  node.finish();
  return statement;
}

export function convertDefaultPrivileges(node: TreeNode): DefaultPrivilegesStatement {
  let roles: DefaultPrivilegesStatement['roles'] = [];
  let schemas: readonly string[] = [];
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    const list = option.required('arg');
    if (name === 'roles') roles = list.nodes('items').map(roleOf);
    else if (name === 'schemas') schemas = list.names('items');
    else throw option.refusal();
  }
  const statement: DefaultPrivilegesStatement = {
    kind: 'default-privileges',
    roles,
    schemas,
    grant: convertGrant(node.requiredPart('action', 'GrantStmt')),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
