import { notSupported } from '../../errors/sql-error.ts';
import type { DeallocateStatement, Statement } from './ast.ts';
import { convertAlterTable } from './convert-alter-table.ts';
import { convertCreateIndex } from './convert-create-index.ts';
import { convertCreateTable } from './convert-create-table.ts';
import { convertDelete } from './convert-delete.ts';
import { convertDiscard, convertUnlisten } from './convert-discard.ts';
import { convertDrop } from './convert-drop.ts';
import { convertAlterEnum, convertCreateEnum } from './convert-enum.ts';
import { convertExplain } from './convert-explain.ts';
import { convertInsert } from './convert-insert.ts';
import { convertChangeOwner, convertRename, refuseSetSchema } from './convert-rename.ts';
import { convertSelect } from './convert-select.ts';
import { convertAlterSequence, convertCreateSequence } from './convert-sequence.ts';
import { convertSet, convertShow } from './convert-set.ts';
import { convertSetConstraints } from './convert-set-constraints.ts';
import { convertTransaction } from './convert-transaction.ts';
import { convertTruncate } from './convert-truncate.ts';
import { convertUpdate } from './convert-update.ts';
import { convertVacuum } from './convert-vacuum.ts';
import { nodeName } from './refusal-names.ts';
import type { TreeNode } from './tree-node.ts';

/** Every kind of statement that we execute; all others are refused with 0A000. */
const CONVERTERS: Readonly<Record<string, (node: TreeNode) => Statement>> = {
  AlterEnumStmt: convertAlterEnum,
  AlterObjectSchemaStmt: refuseSetSchema,
  AlterOwnerStmt: convertChangeOwner,
  AlterSeqStmt: convertAlterSequence,
  AlterTableStmt: convertAlterTable,
  ConstraintsSetStmt: convertSetConstraints,
  CreateEnumStmt: convertCreateEnum,
  CreateSeqStmt: convertCreateSequence,
  CreateStmt: convertCreateTable,
  DeallocateStmt: convertDeallocate,
  DeleteStmt: convertDelete,
  DiscardStmt: convertDiscard,
  DropStmt: convertDrop,
  ExplainStmt: convertExplain,
  IndexStmt: convertCreateIndex,
  InsertStmt: convertInsert,
  RenameStmt: convertRename,
  SelectStmt: (node) => convertSelect(node),
  TransactionStmt: convertTransaction,
  TruncateStmt: convertTruncate,
  UnlistenStmt: convertUnlisten,
  UpdateStmt: convertUpdate,
  VacuumStmt: convertVacuum,
  VariableSetStmt: convertSet,
  VariableShowStmt: convertShow,
};

export function convertStatement(node: TreeNode): Statement {
  const convert = Object.hasOwn(CONVERTERS, node.kind) ? CONVERTERS[node.kind] : undefined;
  if (convert === undefined) throw notSupported(nodeName(node.kind), node.context.statementPosition);
  return convert(node);
}

function convertDeallocate(node: TreeNode): DeallocateStatement {
  const isAll = node.flag('isall');
  const name = node.text('name');
  node.finish();
  return { kind: 'deallocate', name: isAll ? undefined : name, position: node.context.statementPosition };
}
