import { notSupported } from '../../errors/sql-error.ts';
import type { SavepointStatement, TransactionModesSyntax, TransactionStatement } from './transaction-ast.ts';
import type { TreeNode } from './tree-node.ts';

const ACTIONS: Readonly<Record<string, Pick<TransactionStatement, 'action' | 'tag'>>> = {
  TRANS_STMT_BEGIN: { action: 'begin', tag: 'BEGIN' },
  TRANS_STMT_START: { action: 'begin', tag: 'START TRANSACTION' },
  TRANS_STMT_COMMIT: { action: 'commit', tag: 'COMMIT' },
  TRANS_STMT_ROLLBACK: { action: 'rollback', tag: 'ROLLBACK' },
};

const SAVEPOINT_ACTIONS: Readonly<Record<string, SavepointStatement['action']>> = {
  TRANS_STMT_SAVEPOINT: 'define',
  TRANS_STMT_RELEASE: 'release',
  TRANS_STMT_ROLLBACK_TO: 'rollback-to',
};

const REFUSED: Readonly<Record<string, string>> = {
  TRANS_STMT_PREPARE: 'PREPARE TRANSACTION',
  TRANS_STMT_COMMIT_PREPARED: 'COMMIT PREPARED',
  TRANS_STMT_ROLLBACK_PREPARED: 'ROLLBACK PREPARED',
};

/** BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, and the statements about savepoints. */
export function convertTransaction(node: TreeNode): TransactionStatement | SavepointStatement {
  const position = node.context.statementPosition;
  const kind = node.text('kind') ?? '';
  const refused = REFUSED[kind];
  if (refused !== undefined) throw notSupported(refused, position);
  const action = SAVEPOINT_ACTIONS[kind];
  if (action !== undefined) {
    const savepoint: SavepointStatement = {
      kind: 'savepoint',
      action,
      name: node.text('savepoint_name') ?? '',
      position,
    };
    node.finish();
    return savepoint;
  }
  const statement: TransactionStatement = {
    kind: 'transaction',
    ...node.choice('kind', ACTIONS),
    chains: node.flag('chain'),
    ...convertTransactionModes(node.nodes('options')),
    position,
  };
  node.finish();
  return statement;
}

const ISOLATIONS: Readonly<Record<string, NonNullable<TransactionStatement['isolation']>>> = {
  'read uncommitted': 'read uncommitted',
  'read committed': 'read committed',
  'repeatable read': 'repeatable read',
  serializable: 'serializable',
};

/** Of modes given twice the last counts, as in PostgreSQL. */
export function convertTransactionModes(options: readonly TreeNode[]): TransactionModesSyntax {
  let isolation: TransactionStatement['isolation'];
  let isReadOnly: boolean | undefined;
  let isDeferrable: boolean | undefined;
  for (const option of options) {
    const name = option.text('defname');
    const value = option.required('arg');
    if (name === 'transaction_isolation') {
      const level = value.part('sval', 'String');
      if (level === undefined) throw option.refusal('this isolation level');
      isolation = level.choice('sval', ISOLATIONS);
    } else if (name === 'transaction_read_only') {
      isReadOnly = isTrue(value);
    } else if (name === 'transaction_deferrable') {
      isDeferrable = isTrue(value);
    } else {
      throw option.refusal('this transaction mode');
    }
    value.finish();
    option.skip('defaction', 'arg_location');
    option.finish();
  }
  return { isolation, isReadOnly, isDeferrable };
}

/** The grammar writes the mode as the integer 0 or 1. */
function isTrue(value: TreeNode): boolean {
  return value.part('ival', 'Integer')?.integer('ival') === 1;
}
