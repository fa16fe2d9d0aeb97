import { notSupported } from '../../errors/sql-error.ts';
import type { Statement } from './ast.ts';
import { convertAlterDatabaseSettings, convertAlterRoleSettings } from './convert-alter-settings.ts';
import { convertAlterTable } from './convert-alter-table.ts';
import { convertComment } from './convert-comment.ts';
import { convertCopy } from './convert-copy.ts';
import { convertCreateIndex } from './convert-create-index.ts';
import { convertCreateSchema } from './convert-create-schema.ts';
import { convertCreateTable } from './convert-create-table.ts';
import { convertCreateTableAs, convertQueryStatement } from './convert-create-table-as.ts';
import { convertCloseCursor, convertDeclareCursor, convertFetch } from './convert-cursor.ts';
import {
  convertAlterDatabase,
  convertCreateDatabase,
  convertDropDatabase,
  convertRenameOfDatabase,
  isRenameOfDatabase,
} from './convert-database.ts';
import { convertDelete } from './convert-delete.ts';
import { convertDiscard } from './convert-discard.ts';
import { convertDrop } from './convert-drop.ts';
import { convertAlterEnum, convertCreateEnum } from './convert-enum.ts';
import { convertExplain } from './convert-explain.ts';
import { convertAlterExtension, convertCreateExtension } from './convert-extension.ts';
import { convertDefaultPrivileges, convertGrant, convertGrantRole } from './convert-grant.ts';
import { convertInsert } from './convert-insert.ts';
import { convertLock } from './convert-lock.ts';
import { convertListen, convertNotify, convertUnlisten } from './convert-notify.ts';
import { convertDeallocate, convertExecute, convertPrepare } from './convert-prepare.ts';
import { convertChangeOwner, convertRename, convertSetSchema } from './convert-rename.ts';
import {
  convertAlterRole,
  convertCreateRole,
  convertDropOwned,
  convertDropRole,
  convertReassignOwned,
  convertRenameOfRole,
  isRenameOfRole,
} from './convert-role.ts';
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
  AlterDatabaseSetStmt: convertAlterDatabaseSettings,
  AlterDatabaseStmt: convertAlterDatabase,
  AlterDefaultPrivilegesStmt: convertDefaultPrivileges,
  AlterEnumStmt: convertAlterEnum,
  AlterExtensionStmt: convertAlterExtension,
  AlterObjectSchemaStmt: (node) => (isOfView(node, 'objectType') ? convertMoveOfView(node) : convertSetSchema(node)),
  AlterOwnerStmt: convertChangeOwner,
  AlterRoleSetStmt: convertAlterRoleSettings,
  AlterRoleStmt: convertAlterRole,
  AlterSeqStmt: convertAlterSequence,
  AlterTableStmt: (node) => (isOfView(node, 'objtype') ? convertAlterView(node) : convertAlterTable(node)),
  ClosePortalStmt: convertCloseCursor,
  CommentStmt: convertComment,
  ConstraintsSetStmt: convertSetConstraints,
  CopyStmt: convertCopy,
  CreatedbStmt: convertCreateDatabase,
  CreateEnumStmt: convertCreateEnum,
  CreateExtensionStmt: convertCreateExtension,
  CreateRoleStmt: convertCreateRole,
  CreateSchemaStmt: convertCreateSchema,
  CreateSeqStmt: convertCreateSequence,
  CreateStmt: convertCreateTable,
  CreateTableAsStmt: convertCreateTableAs,
  DeallocateStmt: convertDeallocate,
  DeclareCursorStmt: convertDeclareCursor,
  DeleteStmt: convertDelete,
  DiscardStmt: convertDiscard,
  DropdbStmt: convertDropDatabase,
  DropOwnedStmt: convertDropOwned,
  DropRoleStmt: convertDropRole,
  DropStmt: convertDrop,
  ExecuteStmt: convertExecute,
  ExplainStmt: convertExplain,
  FetchStmt: convertFetch,
  GrantRoleStmt: convertGrantRole,
  GrantStmt: convertGrant,
  IndexStmt: convertCreateIndex,
  InsertStmt: convertInsert,
  ListenStmt: convertListen,
  LockStmt: convertLock,
  NotifyStmt: convertNotify,
  PrepareStmt: convertPrepare,
  ReassignOwnedStmt: convertReassignOwned,
  RenameStmt: convertAnyRename,
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

function convertAnyRename(node: TreeNode): Statement {
  if (isRenameOfView(node)) return convertRenameOfView(node);
  if (isRenameOfRole(node)) return convertRenameOfRole(node);
  return isRenameOfDatabase(node) ? convertRenameOfDatabase(node) : convertRename(node);
}

/** Throws 0A000, with the place, for a statement or a part of one that we have no node for. */
export function convertStatement(node: TreeNode): Statement {
  const convert = Object.hasOwn(CONVERTERS, node.kind) ? CONVERTERS[node.kind] : undefined;
  if (convert === undefined) throw notSupported(nodeName(node.kind), node.context.statementPosition);
  return convert(node);
}
