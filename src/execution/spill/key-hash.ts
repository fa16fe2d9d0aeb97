import { type Column, textOf, wideAt } from '../../columnar/column.ts';
import type { Dictionary } from '../../columnar/dictionary.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

const words = new Int32Array(2);
const double = new Float64Array(words.buffer);
const NULL_HASH = 0x2545f491;

/**
 * Hashes of key columns by value alone, whatever the form of the column: equal keys have equal hashes in every batch of
 * either side of a join. 32 bits a row, good enough to tell partitions apart.
 */
export class KeyHasher {
  readonly #types: readonly TypeDefinition[];
  /** By key: the hashes of a dictionary's strings, filled as they are met. */
  readonly #texts: (DictionaryHashes | undefined)[];

  constructor(types: readonly TypeDefinition[]) {
    this.#types = types;
    this.#texts = types.map(() => undefined);
  }

  /** Writes the hash of each row's keys. */
  hash(keys: readonly Column[], rowCount: number, hashes: Int32Array): void {
    hashes.fill(0x9747b28c, 0, rowCount);
    for (let key = 0; key < keys.length; key++) this.#add(key, keys[key], rowCount, hashes);
  }

  #add(key: number, column: Column, rowCount: number, hashes: Int32Array): void {
    const { validity } = column;
    const type = this.#types[key];
    const texts = column.kind === 'dictionary' ? this.#textHashes(key, column.dictionary) : undefined;
    for (let row = 0; row < rowCount; row++) {
      let hash: number;
      if (validity !== undefined && validity[row] === 0) hash = NULL_HASH;
      else {
        switch (column.kind) {
          case 'number':
            hash = hashNumber(column.values[row]);
            break;
          case 'boolean':
            hash = column.values[row];
            break;
          case 'dictionary':
            hash = texts!.of(column.codes[row]);
            break;
          case 'wide':
            hash = hashValue(type, wideAt(column, row));
            break;
          case 'bytes':
            hash = hashValue(type, textOf(column, row));
            break;
          default:
            hash = hashValue(type, column.values[row]);
        }
      }
      hashes[row] = mix(hashes[row], hash);
    }
  }

  #textHashes(key: number, dictionary: Dictionary): DictionaryHashes {
    let known = this.#texts[key];
    if (known?.dictionary !== dictionary) {
      known = new DictionaryHashes(dictionary, this.#types[key]);
      this.#texts[key] = known;
    }
    return known;
  }
}

class DictionaryHashes {
  readonly dictionary: Dictionary;
  readonly #type: TypeDefinition;
  readonly #hashes: number[] = [];

  constructor(dictionary: Dictionary, type: TypeDefinition) {
    this.dictionary = dictionary;
    this.#type = type;
  }

  of(code: number): number {
    let hash = this.#hashes[code] as number | undefined;
    if (hash === undefined) {
      hash = hashValue(this.#type, this.dictionary.string(code));
      this.#hashes[code] = hash;
    }
    return hash;
  }
}

function hashValue(type: TypeDefinition, value: Value): number {
  const key = type.hashKey(value);
  if (typeof key === 'number') return hashNumber(key);
  if (typeof key === 'boolean') return key ? 1 : 0;
  const text = typeof key === 'string' ? key : key.toString();
  let hash = text.length;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** -0 is 0, and every NaN one NaN. */
function hashNumber(value: number): number {
  double[0] = value === 0 ? 0 : value !== value ? Number.NaN : value;
  return Math.imul(words[0], 0xcc9e2d51) ^ words[1];
}

/** Murmur3's finish: every bit of the result depends on every bit of both. */
function mix(hash: number, value: number): number {
  let h = Math.imul(hash, 31) ^ Math.imul(value, 0x1b873593);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
