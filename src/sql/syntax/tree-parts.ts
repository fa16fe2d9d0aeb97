/**
 * A tree cut into messages that each take a moment to receive: lists longer than `PART_ITEMS` go ahead in parts, nodes deeper
 * than `PART_DEPTH` by themselves, and a mark stands where they belong. What a thread gets from another one it must take
 * in one go, message by message, and what nests too deeply does not arrive at all.
 */
export type TreePart =
  | { readonly kind: 'list'; readonly list: number; readonly items: readonly unknown[]; readonly hasMarks: boolean }
  | { readonly kind: 'root'; readonly tree: unknown; readonly hasMarks: boolean };

export const PART_ITEMS = 2048;
export const PART_DEPTH = 200;
/** No node of a tree has such keys. */
const LIST_MARK = '<list>';
const NODE_MARK = '<node>';

/** The parts of a tree of plain objects, arrays and typed arrays, in the order in which `TreeJoiner` wants them. */
export function* partsOf(tree: unknown): Generator<TreePart, void, undefined> {
  let nextList = 0;
  const parts: TreePart[] = [];
  let markCount = 0;
  /** Of the typed arrays of the part at hand. */
  let buffers: ArrayBuffer[] = [];

  const send = (list: number, nodes: readonly unknown[]): void => {
    const before = markCount;
    const around = buffers;
    buffers = [];
    const items = nodes.map((node) => cut(node, 0));
    const part: TreePart = { kind: 'list', list, items, hasMarks: markCount > before };
    parts.push(part);
    buffersByPart.set(part, buffers);
    buffers = around;
  };
  const cut = (node: unknown, depth: number): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (ArrayBuffer.isView(node)) {
      buffers.push(node.buffer as ArrayBuffer);
      return node;
    }
    if (depth > PART_DEPTH) {
      const list = nextList++;
      send(list, [node]);
      markCount += 1;
      return { [NODE_MARK]: list };
    }
    if (!Array.isArray(node)) {
      const before = markCount;
      const copy: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(node)) copy[key] = cut(value, depth + 1);
      return markCount === before ? node : copy;
    }
    if (node.length <= PART_ITEMS) return node.map((item) => cut(item, depth + 1));
    const list = nextList++;
    for (let from = 0; from < node.length; from += PART_ITEMS) send(list, node.slice(from, from + PART_ITEMS));
    markCount += 1;
    return { [LIST_MARK]: list };
  };

  const root = cut(tree, 0);
  yield* parts;
  const last: TreePart = { kind: 'root', tree: root, hasMarks: markCount > 0 };
  buffersByPart.set(last, buffers);
  yield last;
}

const buffersByPart = new WeakMap<TreePart, readonly ArrayBuffer[]>();

/** The buffers of the typed arrays of a part that `partsOf` gave: they may be handed over instead of being copied. */
export function buffersOf(part: TreePart): readonly ArrayBuffer[] {
  return buffersByPart.get(part) ?? [];
}

/** Puts the parts of one tree together again. */
export class TreeJoiner {
  readonly #lists: unknown[][] = [];

  /** The tree once its root has come; undefined before. */
  add(part: TreePart): { readonly tree: unknown } | undefined {
    if (part.kind === 'root') return { tree: part.hasMarks ? this.#joined(part.tree) : part.tree };
    let list = this.#lists[part.list];
    if (list === undefined) {
      list = [];
      this.#lists[part.list] = list;
    }
    for (const item of part.items) list.push(part.hasMarks ? this.#joined(item) : item);
    return undefined;
  }

  #joined(node: unknown): unknown {
    if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
    if (Array.isArray(node)) return node.map((item) => this.#joined(item));
    const record = node as Record<string, unknown>;
    const list = record[LIST_MARK];
    if (typeof list === 'number') return this.#lists[list];
    const single = record[NODE_MARK];
    if (typeof single === 'number') return this.#lists[single]?.[0];
    const whole: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) whole[key] = this.#joined(value);
    return whole;
  }
}
