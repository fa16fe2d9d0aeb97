import type { RoleSyntax } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const ROLE_KINDS: Readonly<Record<string, 'named' | 'current'>> = {
  ROLESPEC_CSTRING: 'named',
  ROLESPEC_CURRENT_ROLE: 'current',
  ROLESPEC_CURRENT_USER: 'current',
  ROLESPEC_SESSION_USER: 'current',
};

/** OWNER TO name, CURRENT_USER and its like: there is no SET ROLE, so they are all one. */
export function convertRole(node: TreeNode, field: string): RoleSyntax {
  const role = node.part(field, 'RoleSpec');
  if (role === undefined) throw node.refusal();
  const kind = role.choice('roletype', ROLE_KINDS);
  const name = role.text('rolename');
  role.finish();
  return { name: kind === 'named' ? name : undefined, position: role.position };
}
