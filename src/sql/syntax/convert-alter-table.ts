import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AlterTableAction, AlterTableStatement, RelationKind } from './alter-table-ast.ts';
import { convertBehavior } from './convert-behavior.ts';
import { convertCollation, convertColumnDefinition } from './convert-column-definition.ts';
import { convertIdentity, convertTableConstraint } from './convert-constraint.ts';
import { convertExpression } from './convert-expression.ts';
import { convertNamedRelation } from './convert-relation.ts';
import { convertRole } from './convert-role.ts';
import { convertSequenceOptions } from './convert-sequence-options.ts';
import { convertTypeName } from './convert-type-name.ts';
import { fieldName } from './refusal-names.ts';
import { syntaxErrorAtWord } from './syntax-error.ts';
import type { TreeNode } from './tree-node.ts';

const RELATION_KINDS: Readonly<Record<string, RelationKind>> = {
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABLE: 'table',
};

export function convertAlterTable(node: TreeNode): AlterTableStatement {
  const relation = convertNamedRelation(node, 'relation');
  const statement: AlterTableStatement = {
    kind: 'alter-table',
    relationKind: node.choice('objtype', RELATION_KINDS),
    relation,
    ifExists: node.flag('missing_ok'),
    actions: node.nodes('cmds').map(convertAction),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** Every action that we execute; all others are refused with 0A000. */
const ACTIONS: Readonly<Record<string, (node: TreeNode) => AlterTableAction>> = {
  AT_AddColumn: (node) => ({
    kind: 'add-column',
    column: convertColumnDefinition(node.required('def')),
    ifNotExists: node.flag('missing_ok'),
  }),
  AT_DropColumn: (node) => ({ kind: 'drop-column', ...convertDropped(node) }),
  AT_AlterColumnType: convertSetType,
  AT_SetNotNull: (node) => ({ kind: 'set-not-null', column: node.text('name') ?? '' }),
  AT_DropNotNull: (node) => ({ kind: 'drop-not-null', column: node.text('name') ?? '' }),
  AT_ColumnDefault: convertDefault,
  AT_AddIdentity: (node) => {
    const { mode, options } = convertIdentity(node.required('def'));
    return { kind: 'add-identity', column: node.text('name') ?? '', mode, options };
  },
  AT_SetIdentity: convertSetIdentity,
  AT_DropIdentity: (node) => ({
    kind: 'drop-identity',
    column: node.text('name') ?? '',
    ifExists: node.flag('missing_ok'),
  }),
  AT_DropExpression: (node) => ({
    kind: 'drop-expression',
    column: node.text('name') ?? '',
    ifExists: node.flag('missing_ok'),
  }),
  AT_AddConstraint: (node) => ({ kind: 'add-constraint', constraint: convertTableConstraint(node.required('def')) }),
  AT_DropConstraint: (node) => ({ kind: 'drop-constraint', ...convertDropped(node) }),
  AT_AlterConstraint: convertAlterConstraint,
  AT_ValidateConstraint: (node) => ({ kind: 'validate-constraint', name: node.text('name') ?? '' }),
  AT_ChangeOwner: (node) => ({ kind: 'change-owner', owner: convertRole(node, 'newowner') }),
  AT_SetLogged: () => ({ kind: 'set-persistence', persistence: 'permanent' }),
  AT_SetUnLogged: () => ({ kind: 'set-persistence', persistence: 'unlogged' }),
};

function convertAction(node: TreeNode): AlterTableAction {
  const subtype = node.text('subtype') ?? '';
  const convert = Object.hasOwn(ACTIONS, subtype) ? ACTIONS[subtype] : undefined;
  if (convert === undefined) {
    const position = node.firstPosition || node.context.statementPosition;
    throw notSupported(fieldName('AlterTableCmd', 'subtype', subtype), position);
  }
  const action = convert(node);
  // Only what drops says how (`convertDropped`); elsewhere the grammar fills in RESTRICT.
  node.skip('behavior');
  node.finish();
  return action;
}

function convertDropped(node: TreeNode): { name: string; ifExists: boolean; isCascade: boolean } {
  return {
    name: node.text('name') ?? '',
    ifExists: node.flag('missing_ok'),
    ...convertBehavior(node),
  };
}

function convertSetType(node: TreeNode): AlterTableAction {
  const definition = node.required('def');
  const type = definition.part('typeName', 'TypeName');
  if (type === undefined) throw definition.refusal();
  const collation = convertCollation(definition);
  const using = definition.node('raw_default');
  const action: AlterTableAction = {
    kind: 'set-type',
    column: node.text('name') ?? '',
    type: convertTypeName(type),
    collation,
    using: using === undefined ? undefined : convertExpression(using),
    position: definition.position,
  };
  definition.finish();
  return action;
}

function convertDefault(node: TreeNode): AlterTableAction {
  const column = node.text('name') ?? '';
  const expression = node.node('def');
  return expression === undefined
    ? { kind: 'drop-default', column }
    : { kind: 'set-default', column, expression: convertExpression(expression) };
}

const ALWAYS = 'a'.charCodeAt(0);

/** SET GENERATED and the options of the sequence, in one list. */
function convertSetIdentity(node: TreeNode): AlterTableAction {
  const items = node.required('def').nodes('items');
  let mode: 'always' | 'by default' | undefined;
  const options: TreeNode[] = [];
  for (const item of items) {
    if (item.text('defname') !== 'generated') {
      options.push(item);
      continue;
    }
    if (mode !== undefined) throw new SqlError(SqlState.SyntaxError, 'conflicting or redundant options');
    mode = item.required('arg').integer('ival') === ALWAYS ? 'always' : 'by default';
    item.skip('defaction', 'arg_location');
    item.finish();
  }
  const column = node.text('name') ?? '';
  return { kind: 'set-identity', column, mode, options: convertSequenceOptions(options) };
}

function convertAlterConstraint(node: TreeNode): AlterTableAction {
  const definition = node.required('def');
  const name = definition.text('conname') ?? '';
  if (definition.has('alterEnforceability')) throw syntaxErrorAtWord(node, 'enforced');
  if (definition.has('alterInheritability')) throw syntaxErrorAtWord(node, 'inherit');
  definition.skip('alterDeferrability', 'is_enforced');
  const action: AlterTableAction = {
    kind: 'alter-constraint',
    name,
    isDeferrable: definition.flag('deferrable'),
    isInitiallyDeferred: definition.flag('initdeferred'),
  };
  definition.finish();
  return action;
}
