import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { json } from '../../types/json.ts';
import {
  type JsonPlace,
  jsonElement,
  jsonItemCount,
  jsonKindAt,
  jsonMember,
  jsonRoot,
  jsonStringAt,
} from '../../types/json-text.ts';
import { jsonb } from '../../types/jsonb.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';

/** Reading parts of json and jsonb, which both are text here: the part is found in it and cut out. */

const textArray = arrayTypeOf(text) as TypeDefinition;
const INTEGER = /^\s*[+-]?\d+$/;
const INT4_MAX = 2_147_483_647;

/** A part as JSON. */
export function partOf(document: string, place: JsonPlace | undefined): string | null {
  return place === undefined ? null : document.slice(place.start, place.end);
}

/** A part as text: strings without quotes, null as NULL. */
export function textOfPart(document: string, place: JsonPlace | undefined): string | null {
  if (place === undefined) return null;
  switch (jsonKindAt(document, place.start)) {
    case 'null':
      return null;
    case 'string':
      return jsonStringAt(document, place.start, place.end);
    default:
      return document.slice(place.start, place.end);
  }
}

const memberOfJson = (document: string, key: string): JsonPlace | undefined =>
  jsonMember(document, jsonRoot(document).start, key);
/** The canonical form begins with its bracket. */
const memberOfJsonb = (document: string, key: string): JsonPlace | undefined => jsonMember(document, 0, key, true);

const elementOfJson = (document: string, index: number): JsonPlace | undefined =>
  jsonElement(document, jsonRoot(document).start, index);

/** jsonb keeps a lone scalar as an array of one. */
function elementOfJsonb(document: string, index: number): JsonPlace | undefined {
  const root = jsonRoot(document);
  const kind = jsonKindAt(document, root.start);
  if (kind === 'array' || kind === 'object') return jsonElement(document, root.start, index);
  return index === 0 || index === -1 ? root : undefined;
}

/** Along keys and indexes; undefined where one of them leads nowhere. */
export function placeAt(document: string, path: readonly (string | null)[]): JsonPlace | undefined {
  let place: JsonPlace | undefined = jsonRoot(document);
  for (const step of path) {
    if (step === null || place === undefined) return undefined;
    if (jsonKindAt(document, place.start) === 'array') {
      const index: number = INTEGER.test(step) ? Number(step) : Number.NaN;
      place = Math.abs(index) <= INT4_MAX ? jsonElement(document, place.start, index) : undefined;
    } else place = jsonMember(document, place.start, step);
  }
  return place;
}

const pathOf = (path: SqlArray): readonly (string | null)[] => path.elements as readonly (string | null)[];

const typeNameOf = (document: string): string => jsonKindAt(document, jsonRoot(document).start);

function arrayLength(document: string): number {
  const { start } = jsonRoot(document);
  const kind = jsonKindAt(document, start);
  if (kind === 'array') return jsonItemCount(document, start);
  const what = kind === 'object' ? 'non-array' : 'scalar';
  throw new SqlError(SqlState.InvalidParameterValue, `cannot get array length of a ${what}`);
}

interface AccessOids {
  readonly field: readonly [functionOid: number, operatorOid: number];
  readonly fieldText: readonly [functionOid: number, operatorOid: number];
  readonly element: readonly [functionOid: number, operatorOid: number];
  readonly elementText: readonly [functionOid: number, operatorOid: number];
  readonly path: readonly [functionOid: number, operatorOid: number];
  readonly pathText: readonly [functionOid: number, operatorOid: number];
  readonly operatorPath: number;
  readonly operatorPathText: number;
  readonly typeOf: number;
  readonly arrayLength: number;
}

const JSON_OIDS: AccessOids = {
  field: [3947, 3962],
  fieldText: [3948, 3963],
  element: [3949, 3964],
  elementText: [3950, 3965],
  path: [3951, 3966],
  pathText: [3953, 3967],
  operatorPath: 9045,
  operatorPathText: 9046,
  typeOf: 3968,
  arrayLength: 3956,
};

const JSONB_OIDS: AccessOids = {
  field: [3478, 3211],
  fieldText: [3214, 3477],
  element: [3215, 3212],
  elementText: [3216, 3481],
  path: [3217, 3213],
  pathText: [3940, 3206],
  operatorPath: 9047,
  operatorPathText: 9048,
  typeOf: 3210,
  arrayLength: 3207,
};

function operatorsOver(type: TypeDefinition, oids: AccessOids): OperatorDefinition[] {
  const { name } = type;
  const member = type === jsonb ? memberOfJsonb : memberOfJson;
  const element = type === jsonb ? elementOfJsonb : elementOfJson;
  return [
    defineOperator(
      '->',
      oids.field[1],
      defineScalar(`${name}_object_field`, oids.field[0], [type, text], type, (document: string, key: string) =>
        partOf(document, member(document, key)),
      ),
    ),
    defineOperator(
      '->>',
      oids.fieldText[1],
      defineScalar(
        `${name}_object_field_text`,
        oids.fieldText[0],
        [type, text],
        text,
        (document: string, key: string) => textOfPart(document, member(document, key)),
      ),
    ),
    defineOperator(
      '->',
      oids.element[1],
      defineScalar(`${name}_array_element`, oids.element[0], [type, int4], type, (document: string, index: number) =>
        partOf(document, element(document, index)),
      ),
    ),
    defineOperator(
      '->>',
      oids.elementText[1],
      defineScalar(
        `${name}_array_element_text`,
        oids.elementText[0],
        [type, int4],
        text,
        (document: string, index: number) => textOfPart(document, element(document, index)),
      ),
    ),
    // PostgreSQL's operators call the variadic functions below; here they have functions of their own.
    defineOperator(
      '#>',
      oids.path[1],
      defineScalar(`${name}_path`, oids.operatorPath, [type, textArray], type, (document: string, path: SqlArray) =>
        partOf(document, placeAt(document, pathOf(path))),
      ),
    ),
    defineOperator(
      '#>>',
      oids.pathText[1],
      defineScalar(
        `${name}_path_text`,
        oids.operatorPathText,
        [type, textArray],
        text,
        (document: string, path: SqlArray) => textOfPart(document, placeAt(document, pathOf(path))),
      ),
    ),
  ];
}

function functionsOver(type: TypeDefinition, oids: AccessOids): ScalarFunction[] {
  const { name } = type;
  // A NULL among the keys leads nowhere, but what stands beside it is computed.
  const variadic = { isVariadic: true, handlesNull: true } as const;
  return [
    defineScalar(
      `${name}_extract_path`,
      oids.path[0],
      [type, text],
      type,
      (document: string | null, ...path: (string | null)[]) =>
        document === null ? null : partOf(document, placeAt(document, path)),
      variadic,
    ),
    defineScalar(
      `${name}_extract_path_text`,
      oids.pathText[0],
      [type, text],
      text,
      (document: string | null, ...path: (string | null)[]) =>
        document === null ? null : textOfPart(document, placeAt(document, path)),
      variadic,
    ),
    defineScalar(`${name}_typeof`, oids.typeOf, [type], text, typeNameOf, { mayThrow: false }),
    defineScalar(`${name}_array_length`, oids.arrayLength, [type], int4, arrayLength),
  ];
}

/** -> ->> #> #>> */
export const jsonAccessOperators: readonly OperatorDefinition[] = [
  ...operatorsOver(json, JSON_OIDS),
  ...operatorsOver(jsonb, JSONB_OIDS),
];

export const jsonAccessFunctions: readonly ScalarFunction[] = [
  ...functionsOver(json, JSON_OIDS),
  ...functionsOver(jsonb, JSONB_OIDS),
];
