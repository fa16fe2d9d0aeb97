import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { toInt64 } from '../../types/int64.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { Int64 } from '../../types/value.ts';

type Numbers = 'start' | 'increment' | 'min' | 'max' | 'cache';

/** A sequence as JSON holds it: 64-bit integers in decimal, its type by OID. */
export type SequenceJson = Omit<SequenceDescriptor, Numbers | 'type' | 'owner'> & {
  readonly [name in Numbers]: string;
} & { readonly typeOid: number; readonly owner?: SequenceDescriptor['owner'] };

/** How far a sequence has counted. */
export interface SequenceStateJson {
  readonly lastValue: string;
  readonly isCalled: boolean;
}

export function sequenceToJson({ type, ...sequence }: SequenceDescriptor): SequenceJson {
  const { start, increment, min, max, cache } = sequence;
  return {
    ...sequence,
    start: String(start),
    increment: String(increment),
    min: String(min),
    max: String(max),
    cache: String(cache),
    typeOid: type.oid,
  };
}

export function sequenceFromJson({ typeOid, ...json }: SequenceJson): SequenceDescriptor {
  const type = typeByOid(typeOid);
  if (type === undefined) throw new CorruptionError(`sequence "${json.name}" has unknown type ${typeOid}`);
  return {
    ...json,
    start: int64Of(json.start),
    increment: int64Of(json.increment),
    min: int64Of(json.min),
    max: int64Of(json.max),
    cache: int64Of(json.cache),
    // JSON leaves out what is undefined.
    owner: json.owner,
    type,
  };
}

export function stateToJson({ lastValue, isCalled }: SequenceState): SequenceStateJson {
  return { lastValue: String(lastValue), isCalled };
}

export function stateFromJson({ lastValue, isCalled }: SequenceStateJson): SequenceState {
  return { lastValue: int64Of(lastValue), isCalled };
}

/** Throws SyntaxError for what is no integer, which readers of records take for corruption. */
function int64Of(text: string): Int64 {
  return toInt64(BigInt(text));
}
