import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AlterExtensionStatement, CreateExtensionStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** CREATE EXTENSION. */
export function convertCreateExtension(node: TreeNode): CreateExtensionStatement {
  const options = extensionOptions(node);
  const statement: CreateExtensionStatement = {
    kind: 'create-extension',
    name: node.text('extname') ?? '',
    ifNotExists: node.flag('if_not_exists'),
    schema: options.get('schema'),
    release: options.get('new_version'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** ALTER EXTENSION … UPDATE. */
export function convertAlterExtension(node: TreeNode): AlterExtensionStatement {
  const statement: AlterExtensionStatement = {
    kind: 'alter-extension',
    name: node.text('extname') ?? '',
    release: extensionOptions(node).get('new_version'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** CASCADE makes what an extension needs: none of ours needs another. */
function extensionOptions(node: TreeNode): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    if (options.has(name)) {
      throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options', { position: option.position });
    }
    option.skip('defaction');
    const value = option.node('arg');
    if (name === 'cascade') value?.flag('boolval');
    else if (name !== 'schema' && name !== 'new_version') throw notSupported(`option "${name}"`, option.position);
    options.set(name, name === 'cascade' ? '' : (value?.text('sval') ?? ''));
    option.finish();
  }
  return options;
}
