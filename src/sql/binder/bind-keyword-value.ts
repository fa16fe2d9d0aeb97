import { notSupported } from '../../errors/sql-error.ts';
import { date } from '../../types/date.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timetz } from '../../types/timetz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { KeywordValueSyntax } from '../syntax/expression-ast.ts';
import { callFunction } from './bind-function-call.ts';
import { castTo } from './coerce.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The function behind each value written without parentheses, and the type that it is cast to. */
const functionBehind: Readonly<Record<string, { readonly name: string; readonly type?: TypeDefinition }>> = {
  current_timestamp: { name: 'now' },
  localtimestamp: { name: 'now', type: timestamp },
  current_date: { name: 'now', type: date },
  localtime: { name: 'now', type: time },
  current_time: { name: 'now', type: timetz },
  current_user: { name: 'current_user' },
  current_role: { name: 'current_user' },
  user: { name: 'current_user' },
  session_user: { name: 'session_user' },
  current_catalog: { name: 'current_database' },
  current_schema: { name: 'current_schema' },
};

/** current_timestamp, current_user … */
export function bindKeywordValue(binding: StatementBinding, syntax: KeywordValueSyntax): Expression {
  const target = functionBehind[syntax.name];
  if (target === undefined) throw notSupported(syntax.name.toUpperCase(), syntax.position);
  const keyword = syntax.name.toUpperCase();
  const call = callFunction(binding, target.name, [], syntax.position);
  if (target.type === undefined) return { ...call, keyword };
  const cast = castTo(binding, { expression: call, syntax }, sqlType(target.type), syntax.position);
  return cast.kind === 'call' ? { ...cast, keyword } : cast;
}
