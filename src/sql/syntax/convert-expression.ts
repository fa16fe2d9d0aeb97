import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { byteOrderCollation } from './convert-collation.ts';
import { convertConstant } from './convert-constant.ts';
import { convertFunctionCall } from './convert-function-call.ts';
import { convertGrouping } from './convert-group-item.ts';
import { convertOperatorExpression } from './convert-operator.ts';
import { tooManyDots } from './convert-relation.ts';
import { convertIndirection, convertRow } from './convert-row.ts';
import { convertSubLink } from './convert-subquery.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { BooleanTestSyntax, CaseSyntax, SyntaxExpression } from './expression-ast.ts';
import type { TypeSyntax } from './located.ts';
import { syntaxErrorNear } from './syntax-error.ts';
import type { TreeNode } from './tree-node.ts';

type Convert = (node: TreeNode) => SyntaxExpression;

/** Every kind of node that an expression may be; a kind that is missing here is refused. */
const CONVERTERS: Readonly<Record<string, Convert>> = {
  A_Const: convertConstant,
  A_ArrayExpr: convertArray,
  A_Expr: convertOperatorExpression,
  A_Indirection: convertIndirection,
  BoolExpr: convertLogic,
  BooleanTest: convertBooleanTest,
  CaseExpr: convertCase,
  CoalesceExpr: convertCoalesce,
  CollateClause: convertCollate,
  ColumnRef: convertColumn,
  FuncCall: convertFunctionCall,
  GroupingFunc: convertGrouping,
  MinMaxExpr: convertExtreme,
  NullTest: convertNullTest,
  ParamRef: convertParameter,
  RowExpr: convertRow,
  SetToDefault: refuseDefault,
  SQLValueFunction: convertKeywordValue,
  SubLink: convertSubLink,
  TypeCast: convertCast,
};

export function convertExpression(node: TreeNode): SyntaxExpression {
  const convert = Object.hasOwn(CONVERTERS, node.kind) ? CONVERTERS[node.kind] : undefined;
  if (convert === undefined) throw node.refusal();
  return convert(node);
}

/** `a`, `s.t.a`, `*`, `t.*`. */
function convertColumn(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const fields = node.nodes('fields');
  node.finish();
  const isStar = fields.at(-1)?.kind === 'A_Star';
  const parts = (isStar ? fields.slice(0, -1) : fields).map((field) => {
    if (field.kind !== 'String') throw field.refusal();
    return field.text('sval') ?? '';
  });
  if (fields.length > 4) throw tooManyDots(isStar ? [...parts, '*'] : parts, position);
  if (isStar) return { kind: 'star', qualifier: parts, position };
  return { kind: 'column', qualifier: parts.slice(0, -1), name: parts.at(-1) ?? '', position };
}

const PARAMETER_WITH_JUNK = /^\$\d+[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/;
/** Enough of the text to show a parameter and the junk behind it. */
const JUNK_BYTES = 128;

/** The library reads `$1a` as `$1 AS a`; PostgreSQL refuses it. */
function convertParameter(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const number = node.integer('number');
  node.finish();
  const written = node.context.source.slice(node.location, node.location + JUNK_BYTES);
  const junk = PARAMETER_WITH_JUNK.exec(written);
  if (junk !== null) {
    throw new SqlError(SqlState.SyntaxError, `trailing junk after parameter at or near "${junk[0]}"`, { position });
  }
  node.context.noteParameter(number, position);
  return { kind: 'parameter', number, position };
}

/** `x::type`, CAST(x AS type) and type 'literal', which stand for the same. */
function convertCast(node: TreeNode): SyntaxExpression {
  const argument = node.required('arg');
  const type = requiredType(node);
  // `interval $1` is an addition of the library's; CAST and :: have a position of their own.
  if (argument.kind === 'ParamRef' && node.position === 0) throw syntaxErrorNear(argument);
  const converted = convertExpression(argument);
  node.finish();
  return { kind: 'cast', argument: converted, type, position: node.position || type.position };
}

function requiredType(node: TreeNode): TypeSyntax {
  const type = node.part('typeName', 'TypeName');
  if (type === undefined) throw node.refusal();
  return convertTypeName(type);
}

const LOGIC: Readonly<Record<string, 'and' | 'or' | 'not'>> = { AND_EXPR: 'and', OR_EXPR: 'or', NOT_EXPR: 'not' };

function convertLogic(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const kind = node.choice('boolop', LOGIC);
  const values = node.nodes('args').map(convertExpression);
  node.finish();
  if (kind === 'not') return { kind, argument: values[0], position };
  return { kind, arguments: values, position };
}

const NULL_TESTS: Readonly<Record<string, { isNegated: boolean }>> = {
  IS_NULL: { isNegated: false },
  IS_NOT_NULL: { isNegated: true },
};

function convertNullTest(node: TreeNode): SyntaxExpression {
  const { isNegated } = node.choice('nulltesttype', NULL_TESTS);
  const argument = convertExpression(node.required('arg'));
  node.finish();
  return { kind: 'null-test', argument, isNegated, position: node.position };
}

const BOOLEAN_TESTS: Readonly<Record<string, { test: BooleanTestSyntax['test']; isNegated: boolean }>> = {
  IS_TRUE: { test: 'true', isNegated: false },
  IS_NOT_TRUE: { test: 'true', isNegated: true },
  IS_FALSE: { test: 'false', isNegated: false },
  IS_NOT_FALSE: { test: 'false', isNegated: true },
  IS_UNKNOWN: { test: 'unknown', isNegated: false },
  IS_NOT_UNKNOWN: { test: 'unknown', isNegated: true },
};

function convertBooleanTest(node: TreeNode): SyntaxExpression {
  const { test, isNegated } = node.choice('booltesttype', BOOLEAN_TESTS);
  const argument = convertExpression(node.required('arg'));
  node.finish();
  return { kind: 'boolean-test', argument, test, isNegated, position: node.position };
}

function convertCase(node: TreeNode): SyntaxExpression {
  const operand = node.node('arg');
  const otherwise = node.node('defresult');
  const converted: CaseSyntax = {
    kind: 'case',
    operand: operand === undefined ? undefined : convertExpression(operand),
    branches: node.nodes('args').map(convertBranch),
    otherwise: otherwise === undefined ? undefined : convertExpression(otherwise),
    position: node.position,
  };
  node.finish();
  return converted;
}

function convertBranch(node: TreeNode): CaseSyntax['branches'][number] {
  if (node.kind !== 'CaseWhen') throw node.refusal();
  const branch = {
    when: convertExpression(node.required('expr')),
    then: convertExpression(node.required('result')),
    position: node.position,
  };
  node.finish();
  return branch;
}

function convertCoalesce(node: TreeNode): SyntaxExpression {
  const values = node.nodes('args').map(convertExpression);
  node.finish();
  return { kind: 'coalesce', arguments: values, position: node.position };
}

const EXTREMES: Readonly<Record<string, 'greatest' | 'least'>> = { IS_GREATEST: 'greatest', IS_LEAST: 'least' };

function convertExtreme(node: TreeNode): SyntaxExpression {
  const kind = node.choice('op', EXTREMES);
  const values = node.nodes('args').map(convertExpression);
  node.finish();
  return { kind, arguments: values, position: node.position };
}

function convertArray(node: TreeNode): SyntaxExpression {
  const elements = node.nodes('elements').map(convertExpression);
  node.skip('list_start', 'list_end');
  node.finish();
  return { kind: 'array', elements, position: node.position };
}

function convertCollate(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const collation = byteOrderCollation(node.names('collname'), position);
  const argument = convertExpression(node.required('arg'));
  node.finish();
  return { kind: 'collate', argument, collation, position };
}

const KEYWORD_PREFIX = 'SVFOP_';
const PRECISION_SUFFIX = '_N';
/** What CURRENT_TIMESTAMP(n) and its like are rounded to: the same value cast to n digits. */
const TYPES_WITH_PRECISION: Readonly<Record<string, string>> = {
  current_time: 'timetz',
  current_timestamp: 'timestamptz',
  localtime: 'time',
  localtimestamp: 'timestamp',
};

function convertKeywordValue(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const operation = node.text('op') ?? '';
  const precision = node.integer('typmod');
  node.finish();
  if (!operation.startsWith(KEYWORD_PREFIX)) throw node.refusal();
  const hasPrecision = operation.endsWith(PRECISION_SUFFIX);
  const name = operation
    .slice(KEYWORD_PREFIX.length, hasPrecision ? -PRECISION_SUFFIX.length : undefined)
    .toLowerCase();
  const value: SyntaxExpression = { kind: 'keyword-value', name, position };
  if (!hasPrecision) return value;
  const type: TypeSyntax = {
    schema: 'pg_catalog',
    name: TYPES_WITH_PRECISION[name],
    modifiers: [precision],
    arrayDimensions: 0,
    position,
  };
  return { kind: 'cast', argument: value, type, position };
}

function refuseDefault(node: TreeNode): never {
  throw new SqlError(SqlState.SyntaxError, 'DEFAULT is not allowed in this context', { position: node.position });
}
