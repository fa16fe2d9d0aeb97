import { bool } from '../../types/bool.ts';
import { int2 } from '../../types/int2.ts';
import { oid } from '../../types/oid.ts';
import { name, text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf } from './define-catalog.ts';
import type { PrivilegeInquiry } from './system-facts.ts';

type Kind = PrivilegeInquiry['kind'];
type Reference = string | number;

/**
 * One overload: with a role in front, or about whoever asks. Roles are named by `name` or `oid`, objects by `text` or
 * `oid`, columns by `text` or `int2`.
 */
function inquiry(
  functionName: string,
  functionOid: number,
  kind: Kind,
  types: readonly TypeDefinition[],
): ScalarFunction {
  const objectCount = kind === 'column' ? 2 : 1;
  const hasRole = types.length === objectCount + 2;
  const ask = (environment: FunctionEnvironment, ...values: Reference[]): boolean | null => {
    const [object = '', column] = hasRole ? values.slice(1) : values;
    return systemOf(environment).hasPrivilege({
      role: hasRole ? values[0] : undefined,
      kind,
      object,
      ...(kind === 'column' && column !== undefined ? { column } : {}),
      privileges: String(values.at(-1)),
    });
  };
  return defineScalar(functionName, functionOid, types, bool, ask, stable);
}

/** The six forms that most of these functions have; their OIDs follow each other. */
function sixForms(functionName: string, firstOid: number, kind: Kind): ScalarFunction[] {
  return [
    [name, text, text],
    [name, oid, text],
    [oid, text, text],
    [oid, oid, text],
    [text, text],
    [oid, text],
  ].map((types, at) => inquiry(functionName, firstOid + at, kind, types));
}

function columnForms(): ScalarFunction[] {
  return [
    [name, text, text, text],
    [name, text, int2, text],
    [name, oid, text, text],
    [name, oid, int2, text],
    [oid, text, text, text],
    [oid, text, int2, text],
    [oid, oid, text, text],
    [oid, oid, int2, text],
    [text, text, text],
    [text, int2, text],
    [oid, text, text],
    [oid, int2, text],
  ].map((types, at) => inquiry('has_column_privilege', 3012 + at, 'column', types));
}

function roleForms(): ScalarFunction[] {
  return [
    [name, name, text],
    [name, oid, text],
    [oid, name, text],
    [oid, oid, text],
    [name, text],
    [oid, text],
  ].map((types, at) => inquiry('pg_has_role', 2705 + at, 'role', types));
}

/** Who may do what. */
export const privilegeFunctions: readonly ScalarFunction[] = [
  ...sixForms('has_table_privilege', 1922, 'table'),
  ...sixForms('has_any_column_privilege', 3024, 'any-column'),
  ...columnForms(),
  ...sixForms('has_sequence_privilege', 2181, 'sequence'),
  ...sixForms('has_database_privilege', 2250, 'database'),
  ...sixForms('has_schema_privilege', 2268, 'schema'),
  ...sixForms('has_type_privilege', 3138, 'type'),
  ...sixForms('has_function_privilege', 2256, 'function'),
  ...sixForms('has_language_privilege', 2262, 'language'),
  ...sixForms('has_tablespace_privilege', 2390, 'tablespace'),
  ...sixForms('has_foreign_data_wrapper_privilege', 3000, 'foreign-data wrapper'),
  ...sixForms('has_server_privilege', 3006, 'server'),
  inquiry('has_parameter_privilege', 6205, 'parameter', [name, text, text]),
  inquiry('has_parameter_privilege', 6206, 'parameter', [oid, text, text]),
  inquiry('has_parameter_privilege', 6207, 'parameter', [text, text]),
  ...roleForms(),
];
