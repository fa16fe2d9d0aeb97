import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { enumType } from '../../types/enum-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';

/** An enum as JSON holds it. The type follows from the labels. */
export type EnumJson = Omit<EnumDescriptor, 'type'>;

/** From the OID of a type to what it is, where descriptors are read. */
export type TypeLookup = (oid: number) => TypeDefinition | undefined;

export function enumToJson({ type: _, ...json }: EnumDescriptor): EnumJson {
  return json;
}

export function enumFromJson(json: EnumJson): EnumDescriptor {
  if (!Array.isArray(json.labels)) throw new CorruptionError(`type "${json.name}" has no list of labels`);
  return describeEnum(json);
}

/** An enum with the type that its labels make. */
export function describeEnum(labels: EnumJson): EnumDescriptor {
  return { ...labels, type: enumType(labels) };
}

/** An enum as a type, and the array over it. */
export function typesOfEnum({ type }: EnumDescriptor): readonly TypeDefinition[] {
  const array = arrayTypeOf(type);
  return array === undefined ? [type] : [type, array];
}

/** OIDs from here on are given out to users' objects. */
const FIRST_USER_OID = 16_384;

/** Stands for an enum that no longer exists. */
export function lostEnumType(oid: number): TypeDefinition | undefined {
  if (oid < FIRST_USER_OID) return undefined;
  return enumType({ oid, arrayOid: 0, name: LOST_ENUM_NAME, labels: [] });
}

/** Whether the type stands for an enum that no longer exists. */
export function isLostEnum({ name, category }: TypeDefinition): boolean {
  return category === 'E' && name === LOST_ENUM_NAME;
}

const LOST_ENUM_NAME = '';
