import { notSupported } from '../../errors/sql-error.ts';
import type { Statement } from './ast.ts';
import { convertAlterTable } from './convert-alter-table.ts';
import { convertComment } from './convert-comment.ts';
import { convertCreateIndex } from './convert-create-index.ts';
import { convertCreateSchema } from './convert-create-schema.ts';
import { convertCreateTable } from './convert-create-table.ts';
import { convertCreateTableAs, convertQueryStatement } from './convert-create-table-as.ts';
import { convertDelete } from './convert-delete.ts';
import { convertDiscard, convertUnlisten } from './convert-discard.ts';
import { convertDrop } from './convert-drop.ts';
import { convertAlterEnum, convertCreateEnum } from './convert-enum.ts';
import { convertExplain } from './convert-explain.ts';
import { convertInsert } from './convert-insert.ts';
import { convertDeallocate, convertExecute, convertPrepare } from './convert-prepare.ts';
import { convertChangeOwner, convertRename, convertSetSchema } from './convert-rename.ts';
import { convertAlterSequence, convertCreateSequence } from './convert-sequence.ts';
import { convertSet, convertShow } from './convert-set.ts';
import { convertSetConstraints } from './convert-set-constraints.ts';
import { convertTransaction } from './convert-transaction.ts';
import { convertTruncate } from './convert-truncate.ts';
import { convertUpdate } from './convert-update.ts';
import { convertVacuum } from './convert-vacuum.ts';
import {
  convertAlterView,
  convertCreateView,
  convertMoveOfView,
  convertRenameOfView,
  isOfView,
  isRenameOfView,
} from './convert-view.ts';
import { nodeName } from './refusal-names.ts';
import type { TreeNode } from './tree-node.ts';

/** Every kind of statement that we execute; all others are refused with 0A000. */
const CONVERTERS: Readonly<Record<string, (node: TreeNode) => Statement>> = {
  AlterEnumStmt: convertAlterEnum,
  AlterObjectSchemaStmt: (node) => (isOfView(node, 'objectType') ? convertMoveOfView(node) : convertSetSchema(node)),
  AlterOwnerStmt: convertChangeOwner,
  AlterSeqStmt: convertAlterSequence,
  AlterTableStmt: (node) => (isOfView(node, 'objtype') ? convertAlterView(node) : convertAlterTable(node)),
  CommentStmt: convertComment,
  ConstraintsSetStmt: convertSetConstraints,
  CreateEnumStmt: convertCreateEnum,
  CreateSchemaStmt: convertCreateSchema,
  CreateSeqStmt: convertCreateSequence,
  CreateStmt: convertCreateTable,
  CreateTableAsStmt: convertCreateTableAs,
  DeallocateStmt: convertDeallocate,
  DeleteStmt: convertDelete,
  DiscardStmt: convertDiscard,
  DropStmt: convertDrop,
  ExecuteStmt: convertExecute,
  ExplainStmt: convertExplain,
  IndexStmt: convertCreateIndex,
  InsertStmt: convertInsert,
  PrepareStmt: convertPrepare,
  RenameStmt: (node) => (isRenameOfView(node) ? convertRenameOfView(node) : convertRename(node)),
  SelectStmt: convertQueryStatement,
  TransactionStmt: convertTransaction,
  TruncateStmt: convertTruncate,
  UnlistenStmt: convertUnlisten,
  UpdateStmt: convertUpdate,
  VacuumStmt: convertVacuum,
  VariableSetStmt: convertSet,
  VariableShowStmt: convertShow,
  ViewStmt: convertCreateView,
};

export function convertStatement(node: TreeNode): Statement {
  const convert = Object.hasOwn(CONVERTERS, node.kind) ? CONVERTERS[node.kind] : undefined;
  if (convert === undefined) throw notSupported(nodeName(node.kind), node.context.statementPosition);
  return convert(node);
}
