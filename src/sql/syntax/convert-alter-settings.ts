import { convertRole } from './convert-role.ts';
import { convertSet } from './convert-set.ts';
import type { AlterSettingsStatement } from './role-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** ALTER ROLE … [IN DATABASE …] SET and RESET. */
export function convertAlterRoleSettings(node: TreeNode): AlterSettingsStatement {
  const statement: AlterSettingsStatement = {
    kind: 'alter-settings',
    of: 'role',
    role: node.has('role') ? convertRole(node, 'role') : undefined,
    database: node.text('database'),
    ...settingOf(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** ALTER DATABASE … SET and RESET. */
export function convertAlterDatabaseSettings(node: TreeNode): AlterSettingsStatement {
  const statement: AlterSettingsStatement = {
    kind: 'alter-settings',
    of: 'database',
    role: undefined,
    database: node.text('dbname'),
    ...settingOf(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function settingOf(node: TreeNode): Pick<AlterSettingsStatement, 'name' | 'value' | 'isCurrent'> {
  const set = node.requiredPart('setstmt', 'VariableSetStmt');
  if (set.is('kind', 'VAR_SET_CURRENT')) {
    const name = (set.text('name') ?? '').toLowerCase();
    set.skip('kind', 'jumble_args');
    set.finish();
    return { name, value: undefined, isCurrent: true };
  }
  const statement = convertSet(set);
  if (statement.kind !== 'set') throw node.refusal('ALTER … SET TRANSACTION');
  const { name, value, interval } = statement;
  return { name, value: interval === undefined ? value : interval, isCurrent: false };
}
