import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertTransactionModes } from './convert-transaction.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { SetStatement, ShowStatement } from './session-ast.ts';
import { syntaxErrorNear } from './syntax-error.ts';
import type { SetTransactionStatement } from './transaction-ast.ts';
import type { TreeNode } from './tree-node.ts';

const FORMS: Readonly<Record<string, 'value' | 'default' | 'multi' | 'reset' | 'reset all'>> = {
  VAR_SET_VALUE: 'value',
  VAR_SET_DEFAULT: 'default',
  VAR_SET_MULTI: 'multi',
  VAR_RESET: 'reset',
  VAR_RESET_ALL: 'reset all',
};

const TRANSACTION_TARGETS: Readonly<Record<string, SetTransactionStatement['target']>> = {
  transaction: 'transaction',
  'session characteristics': 'session',
};

/** SET, RESET, SET TIME ZONE, SET NAMES, SET SCHEMA, SET ROLE …: the grammar makes settings of all of them. */
export function convertSet(node: TreeNode): SetStatement | SetTransactionStatement {
  if (node.has('kind') && node.text('kind') === 'VAR_SET_CURRENT') throw node.refusal('SET … FROM CURRENT');
  const form = node.choice('kind', FORMS);
  const name = (node.text('name') ?? '').toLowerCase();
  if (form === 'multi') return convertSetTransaction(node, name);
  const interval = name === 'timezone' ? convertInterval(node) : undefined;
  if (interval !== undefined) {
    const statement: SetStatement = {
      kind: 'set',
      name,
      value: undefined,
      interval,
      isLocal: node.flag('is_local'),
      position: node.context.statementPosition,
    };
    node.skip('jumble_args');
    node.finish();
    return statement;
  }
  const values = node.nodes('args').map((value) => settingText(value, { isQuoted: QUOTED_LISTS.has(name) }));
  if (values.length > 1 && !QUOTED_LISTS.has(name) && !PLAIN_LISTS.has(name)) {
    throw new SqlError(SqlState.InvalidParameterValue, `SET ${name} takes only one argument`);
  }
  const statement: SetStatement = {
    kind: 'set',
    name: form === 'reset all' ? 'all' : name,
    value: form === 'value' ? values.join(', ') : undefined,
    isLocal: node.flag('is_local'),
    position: node.context.statementPosition,
    ...(form === 'reset' || form === 'reset all' ? { isReset: true } : {}),
  };
  node.skip('jumble_args');
  node.finish();
  return statement;
}

/** The argument of SET TIME ZONE INTERVAL. */
function convertInterval(node: TreeNode): SetStatement['interval'] {
  const [value] = node.nodes('args');
  if (value?.kind !== 'TypeCast') return undefined;
  const constant = value.required('arg');
  const text = constant.part('sval', 'String');
  const type = value.part('typeName', 'TypeName');
  if (text === undefined || type === undefined) throw value.refusal('SET TIME ZONE with this value');
  const interval = { text: text.text('sval') ?? '', type: convertTypeName(type) };
  constant.finish();
  value.finish();
  return interval;
}

/** LOCAL makes no difference: both end with what they are about. */
function convertSetTransaction(node: TreeNode, name: string): SetTransactionStatement {
  const target = TRANSACTION_TARGETS[name];
  if (target === undefined) throw node.refusal(`SET ${name.toUpperCase()}`);
  const statement: SetTransactionStatement = {
    kind: 'set-transaction',
    target,
    ...convertTransactionModes(node.nodes('args')),
    position: node.context.statementPosition,
  };
  node.skip('is_local', 'jumble_args');
  node.finish();
  return statement;
}

export function convertShow(node: TreeNode): ShowStatement {
  const name = (node.text('name') ?? '').toLowerCase();
  node.finish();
  return { kind: 'show', name, position: node.context.statementPosition };
}

/** Settings that are lists of names; a name among them is quoted again where it needs to be. */
const QUOTED_LISTS = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'shared_preload_libraries',
  'local_preload_libraries',
  'unix_socket_directories',
]);
const PLAIN_LISTS = new Set([
  'datestyle',
  'listen_addresses',
  'log_destination',
  'synchronous_standby_names',
  'wal_consistency_checking',
]);

function settingText(node: TreeNode, { isQuoted }: { isQuoted: boolean }): string {
  if (node.kind === 'ParamRef') throw syntaxErrorNear(node);
  if (node.kind !== 'A_Const') throw node.refusal();
  const text = node.part('sval', 'String');
  if (text !== undefined) {
    node.finish();
    const value = text.text('sval') ?? '';
    return isQuoted ? quoteName(value) : value;
  }
  const integer = node.part('ival', 'Integer');
  const number = integer === undefined ? node.part('fval', 'Float')?.text('fval') : String(integer.integer('ival'));
  node.finish();
  if (number === undefined) throw node.refusal();
  return number;
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
