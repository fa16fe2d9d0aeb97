import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertExpression } from './convert-expression.ts';
import { convertQuery } from './convert-query.ts';
import { convertNamedRelation, convertRelationName } from './convert-relation.ts';
import { convertRole } from './convert-role.ts';
import type { AlterViewAction, AlterViewStatement, CreateViewStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const CHECK_OPTIONS: Readonly<Record<string, { readonly checkOption: CreateViewStatement['checkOption'] }>> = {
  NO_CHECK_OPTION: { checkOption: undefined },
  LOCAL_CHECK_OPTION: { checkOption: 'local' },
  CASCADED_CHECK_OPTION: { checkOption: 'cascaded' },
};

/** CREATE VIEW; of CREATE RECURSIVE VIEW the parser makes a WITH RECURSIVE. */
export function convertCreateView(node: TreeNode): CreateViewStatement {
  const view = node.part('view', 'RangeVar');
  if (view === undefined) throw node.refusal();
  const relation = convertRelationName(view);
  const persistence = view.text('relpersistence');
  if (persistence === 'u') {
    throw new SqlError(SqlState.SyntaxError, 'views cannot be unlogged because they do not have storage');
  }
  view.finish();
  node.refuse('options');
  const { checkOption } = node.choice('withCheckOption', CHECK_OPTIONS);
  const refuseInto = (): never => {
    throw new SqlError(SqlState.FeatureNotSupported, 'views must not contain SELECT INTO');
  };
  const statement: CreateViewStatement = {
    kind: 'create-view',
    relation,
    isTemporary: persistence === 't',
    isReplacing: node.flag('replace'),
    columns: node.names('aliases'),
    query: convertQuery(node.required('query'), { takeInto: refuseInto }),
    checkOption,
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** Whether RENAME is of a view, or of a column of one. */
export function isRenameOfView(node: TreeNode): boolean {
  const type = node.text('renameType');
  return type === 'OBJECT_VIEW' || (type === 'OBJECT_COLUMN' && node.text('relationType') === 'OBJECT_VIEW');
}

export function convertRenameOfView(node: TreeNode): AlterViewStatement {
  const newName = node.text('newname') ?? '';
  const column = node.text('renameType') === 'OBJECT_COLUMN' ? (node.text('subname') ?? '') : undefined;
  node.skip('relationType', 'behavior');
  return alterView(
    node,
    column === undefined ? { kind: 'rename', newName } : { kind: 'rename-column', column, newName },
  );
}

export function isOfView(node: TreeNode, field: string): boolean {
  return node.text(field) === 'OBJECT_VIEW';
}

export function convertMoveOfView(node: TreeNode): AlterViewStatement {
  return alterView(node, { kind: 'set-schema', schema: node.text('newschema') ?? '' });
}

/** ALTER VIEW with an action of ALTER TABLE's grammar. */
export function convertAlterView(node: TreeNode): AlterViewStatement {
  const commands = node.nodes('cmds');
  const [command] = commands;
  if (commands.length !== 1) throw notSupported('several actions of ALTER VIEW', node.context.statementPosition);
  const action = convertAction(command);
  return alterView(node, action);
}

function convertAction(command: TreeNode): AlterViewAction {
  command.skip('behavior');
  switch (command.text('subtype')) {
    case 'AT_ColumnDefault': {
      const value = command.node('def');
      const action: AlterViewAction = {
        kind: 'set-default',
        column: command.text('name') ?? '',
        expression: value === undefined ? undefined : convertExpression(value),
      };
      command.finish();
      return action;
    }
    case 'AT_ChangeOwner': {
      const action: AlterViewAction = { kind: 'set-owner', owner: convertRole(command, 'newowner') };
      command.finish();
      return action;
    }
    default:
      throw notSupported('this action of ALTER VIEW', command.context.statementPosition);
  }
}

function alterView(node: TreeNode, action: AlterViewAction): AlterViewStatement {
  node.skip('objtype', 'objectType');
  const statement: AlterViewStatement = {
    kind: 'alter-view',
    relation: convertNamedRelation(node, 'relation'),
    ifExists: node.flag('missing_ok'),
    action,
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
