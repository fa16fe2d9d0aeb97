import type { Column } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';

type DictionaryColumn = Extract<Column, { kind: 'dictionary' }>;

/**
 * A text column whose codes are found when somebody asks for them: of rows that are known to repeat, tags are looked up once
 * for each series, and most batches have no new one.
 */
export class LateText {
  readonly kind = 'dictionary';
  readonly dictionary: Dictionary;
  readonly #find: () => DictionaryColumn;
  #found: DictionaryColumn | undefined;

  constructor(dictionary: Dictionary, find: () => DictionaryColumn) {
    this.dictionary = dictionary;
    this.#find = find;
  }

  get codes(): Uint32Array {
    return this.#column.codes;
  }

  get validity(): DictionaryColumn['validity'] {
    return this.#column.validity;
  }

  get #column(): DictionaryColumn {
    this.#found ??= this.#find();
    return this.#found;
  }
}
