import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertExpression } from './convert-expression.ts';
import { convertNamedRelation } from './convert-relation.ts';
import { convertSequenceOptions } from './convert-sequence-options.ts';
import { syntaxErrorAtWord } from './syntax-error.ts';
import type {
  CheckSyntax,
  ColumnConstraintSyntax,
  ForeignKeySyntax,
  IdentitySyntax,
  KeySyntax,
  ReferentialActionSyntax,
  TableConstraintSyntax,
} from './table-definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

type ConstraintKind = ColumnConstraintSyntax['kind'] | 'primary key' | 'unique';

const TABLE_CONSTRAINTS: Readonly<Record<string, 'check' | 'primary key' | 'unique' | 'foreign-key'>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign-key',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique',
};

const COLUMN_CONSTRAINTS: Readonly<Record<string, ConstraintKind>> = {
  ...TABLE_CONSTRAINTS,
  CONSTR_DEFAULT: 'default',
  CONSTR_GENERATED: 'generated',
  CONSTR_IDENTITY: 'identity',
  CONSTR_NOTNULL: 'not-null',
  CONSTR_NULL: 'null',
};

/** CHECK, keys and foreign keys as they stand beside the columns. */
export function convertTableConstraint(node: TreeNode): TableConstraintSyntax {
  const kind = node.choice('contype', TABLE_CONSTRAINTS);
  switch (kind) {
    case 'check':
      return convertCheck(node);
    case 'foreign-key':
      return convertForeignKey(node, undefined);
    default:
      return convertKey(node, kind === 'primary key', undefined);
  }
}

/** The constraints of a column, each with the words on deferring that follow it. */
export function convertColumnConstraints(nodes: readonly TreeNode[], column: string): ColumnConstraintSyntax[] {
  const constraints: ColumnConstraintSyntax[] = [];
  let deferring: Deferring | undefined;
  for (const node of nodes) {
    const attribute = DEFERRING_WORDS[node.has('contype') ? (node.text('contype') ?? '') : ''];
    if (attribute === undefined) {
      const constraint = convertColumnConstraint(node, column);
      constraints.push(constraint);
      deferring = { position: node.position };
      continue;
    }
    node.finish();
    const last = constraints.at(-1);
    if (deferring === undefined || last === undefined || (last.kind !== 'key' && last.kind !== 'foreign-key')) {
      throw syntaxError(`misplaced ${attribute.words} clause`, node.position);
    }
    const { isDeferrable, isInitiallyDeferred } = defer(deferring, attribute, node.position);
    constraints[constraints.length - 1] = { ...last, isDeferrable, isInitiallyDeferred };
  }
  return constraints;
}

function convertColumnConstraint(node: TreeNode, column: string): ColumnConstraintSyntax {
  const { position } = node;
  const contype = node.has('contype') ? node.text('contype') : '';
  if (contype === 'CONSTR_ATTR_ENFORCED') throw syntaxErrorAtWord(node, 'enforced');
  if (contype === 'CONSTR_ATTR_NOT_ENFORCED') throw syntaxErrorAtWord(node, 'enforced', 'not');
  const kind = node.choice('contype', COLUMN_CONSTRAINTS);
  switch (kind) {
    case 'null':
    case 'not-null':
      skipSettled(node);
      // PostgreSQL 15 keeps no constraint for it that could have a name.
      node.skip('conname');
      node.finish();
      return { kind, position };
    case 'default': {
      const expression = convertExpression(node.required('raw_expr'));
      node.skip('conname');
      node.finish();
      return { kind, expression, position };
    }
    case 'generated': {
      node.skip('conname', 'generated_when');
      // VIRTUAL came with PostgreSQL 18.
      node.choice('generated_kind', STORED);
      const expression = convertExpression(node.required('raw_expr'));
      node.finish();
      return { kind, expression, position };
    }
    case 'identity':
      node.skip('conname');
      return convertIdentity(node);
    case 'check':
      return convertCheck(node);
    case 'foreign-key':
      return convertForeignKey(node, column);
    default:
      return convertKey(node, kind === 'primary key', column);
  }
}

const STORED: Readonly<Record<string, true>> = { s: true };

const IDENTITY_MODES: Readonly<Record<string, IdentitySyntax['mode']>> = { a: 'always', d: 'by default' };

/** GENERATED … AS IDENTITY, of a column definition or of ADD GENERATED. */
export function convertIdentity(node: TreeNode): IdentitySyntax {
  // Said already by what led here.
  node.skip('contype');
  const identity: IdentitySyntax = {
    kind: 'identity',
    mode: node.choice('generated_when', IDENTITY_MODES),
    options: convertSequenceOptions(node.nodes('options')),
    position: node.position,
  };
  node.finish();
  return identity;
}

function convertCheck(node: TreeNode): CheckSyntax {
  requireEnforced(node);
  const check: CheckSyntax = {
    kind: 'check',
    name: node.text('conname'),
    expression: convertExpression(node.required('raw_expr')),
    isNotValid: node.flag('skip_validation'),
    isNoInherit: node.flag('is_no_inherit'),
    position: node.position,
  };
  skipSettled(node);
  node.finish();
  return check;
}

/** `column`: the one that it was written at. */
function convertKey(node: TreeNode, isPrimary: boolean, column: string | undefined): KeySyntax {
  for (const field of ['including', 'options', 'indexspace', 'without_overlaps']) node.refuse(field);
  const keys = node.names('keys');
  const key: KeySyntax = {
    kind: 'key',
    name: node.text('conname'),
    isPrimary,
    columns: column === undefined ? keys : [column],
    nullsNotDistinct: node.flag('nulls_not_distinct'),
    usingIndex: node.text('indexname'),
    isDeferrable: node.flag('deferrable'),
    isInitiallyDeferred: node.flag('initdeferred'),
    position: node.position,
  };
  skipSettled(node);
  node.finish();
  return key;
}

const MATCHES: Readonly<Record<string, ForeignKeySyntax['match']>> = { s: 'simple', f: 'full' };

const ACTIONS: Readonly<Record<string, ReferentialActionSyntax>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

function convertForeignKey(node: TreeNode, column: string | undefined): ForeignKeySyntax {
  requireEnforced(node);
  for (const field of ['fk_with_period', 'pk_with_period']) node.refuse(field);
  const referenced = convertNamedRelation(node, 'pktable');
  const keys = node.names('fk_attrs');
  const foreignKey: ForeignKeySyntax = {
    kind: 'foreign-key',
    name: node.text('conname'),
    columns: column === undefined ? keys : [column],
    referenced,
    referencedColumns: node.names('pk_attrs'),
    match: node.choice('fk_matchtype', MATCHES),
    onUpdate: node.choice('fk_upd_action', ACTIONS),
    onDelete: node.choice('fk_del_action', ACTIONS),
    deleteSetColumns: node.names('fk_del_set_cols'),
    isNotValid: node.flag('skip_validation'),
    isDeferrable: node.flag('deferrable'),
    isInitiallyDeferred: node.flag('initdeferred'),
    position: node.position,
  };
  skipSettled(node);
  node.finish();
  return foreignKey;
}

/** PostgreSQL 18 notes on every constraint that it is enforced and valid, unless the statement says otherwise. */
function skipSettled(node: TreeNode): void {
  node.skip('is_enforced', 'initially_valid');
}

/** Of CHECKs and foreign keys. Throws 42601 for NOT ENFORCED, which came with PostgreSQL 18. */
function requireEnforced(node: TreeNode): void {
  if (!node.flag('is_enforced')) throw syntaxErrorAtWord(node, 'enforced', 'not');
}

// ---------------------------------------------------------------- deferring

interface DeferringWords {
  readonly words: string;
  readonly isDeferrable?: boolean;
  readonly isInitiallyDeferred?: boolean;
}

const DEFERRING_WORDS: Readonly<Record<string, DeferringWords>> = {
  CONSTR_ATTR_DEFERRABLE: { words: 'DEFERRABLE', isDeferrable: true },
  CONSTR_ATTR_NOT_DEFERRABLE: { words: 'NOT DEFERRABLE', isDeferrable: false },
  CONSTR_ATTR_DEFERRED: { words: 'INITIALLY DEFERRED', isInitiallyDeferred: true },
  CONSTR_ATTR_IMMEDIATE: { words: 'INITIALLY IMMEDIATE', isInitiallyDeferred: false },
};

/** What has been said of one constraint so far. */
interface Deferring {
  readonly position: number;
  isDeferrable?: boolean;
  isInitiallyDeferred?: boolean;
}

function defer(
  said: Deferring,
  word: DeferringWords,
  position: number,
): { isDeferrable: boolean; isInitiallyDeferred: boolean } {
  if (word.isDeferrable !== undefined) {
    if (said.isDeferrable !== undefined) {
      throw syntaxError('multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed', position);
    }
    said.isDeferrable = word.isDeferrable;
  } else {
    if (said.isInitiallyDeferred !== undefined) {
      throw syntaxError('multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed', position);
    }
    said.isInitiallyDeferred = word.isInitiallyDeferred === true;
  }
  if (said.isInitiallyDeferred === true && said.isDeferrable === false) {
    throw syntaxError('constraint declared INITIALLY DEFERRED must be DEFERRABLE', position);
  }
  const isInitiallyDeferred = said.isInitiallyDeferred === true;
  return { isDeferrable: said.isDeferrable ?? isInitiallyDeferred, isInitiallyDeferred };
}

function syntaxError(message: string, position: number): SqlError {
  return new SqlError(SqlState.SyntaxError, message, { position });
}
