import { invariant } from '../../errors/invariant.ts';
import { notSupported, type SqlError } from '../../errors/sql-error.ts';
import type { ConversionContext } from './conversion-context.ts';
import { fieldName, nodeName } from './refusal-names.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A node of the parser's tree while it is being converted. It remembers which of its fields were read, and `finish`
 * refuses the statement when a field that says something was not: grammar that nobody here thought of cannot be
 * dropped silently. The parser leaves out fields that are zero, false or empty.
 *
 * The tree names the kind of a node by wrapping it ({"A_Const": {…}}), except where the field's type says it (`part`).
 */
export class TreeNode {
  readonly kind: string;
  readonly context: ConversionContext;
  readonly #fields: Fields;
  readonly #read: string[] = [];

  constructor(kind: string, fields: Fields, context: ConversionContext) {
    this.kind = kind;
    this.#fields = fields;
    this.context = context;
  }

  /** `{ Kind: fields }`; the empty object is a null entry of a list, of kind ''. */
  static unwrap(wrapped: unknown, context: ConversionContext): TreeNode {
    invariant(isFields(wrapped), 'a node of the parser is an object');
    for (const kind in wrapped) {
      const fields = wrapped[kind];
      invariant(isFields(fields), 'the fields of a node are an object');
      return new TreeNode(kind, fields, context);
    }
    return new TreeNode('', {}, context);
  }

  /** 1-based character position of the token that the parser notes for this node; 0 when it notes none. */
  get position(): number {
    const location = this.#fields.location;
    return typeof location === 'number' && location >= 0 ? this.context.source.positionAt(location) : 0;
  }

  /** This node's position, or else that of the first node inside that has one. */
  get firstPosition(): number {
    const location = firstLocation(this.#fields);
    return location === undefined ? 0 : this.context.source.positionAt(location);
  }

  /** Where the text of this node begins: the leftmost position of it and all nodes inside. */
  get leftmostPosition(): number {
    const location = leftmostLocation(this.#fields);
    return Number.isFinite(location) ? this.context.source.positionAt(location) : 0;
  }

  /** Byte offset of the node's token; for reading the source itself. */
  get location(): number {
    return typeof this.#fields.location === 'number' ? this.#fields.location : 0;
  }

  has(name: string): boolean {
    return !isDefault(this.#fields[name]);
  }

  /** Whether an enumeration says `value`; it counts as read only by `choice`. */
  is(name: string, value: string): boolean {
    return this.#fields[name] === value;
  }

  node(name: string): TreeNode | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : TreeNode.unwrap(value, this.context);
  }

  /** A child that the grammar always gives. */
  required(name: string): TreeNode {
    const node = this.node(name);
    invariant(node !== undefined, `${this.kind} has ${name}`);
    return node;
  }

  nodes(name: string): readonly TreeNode[] {
    return this.list(name).map((item) => TreeNode.unwrap(item, this.context));
  }

  /** The wrapped nodes of a list as they came. */
  list(name: string): readonly unknown[] {
    const value = this.#take(name);
    if (value === undefined) return [];
    invariant(Array.isArray(value), `${this.kind}.${name} is a list`);
    return value;
  }

  /** A child that stands in the field without its kind, since only one kind can stand there. */
  part(name: string, kind: string): TreeNode | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    invariant(isFields(value), `${this.kind}.${name} is a node`);
    return new TreeNode(kind, value, this.context);
  }

  requiredPart(name: string, kind: string): TreeNode {
    const node = this.part(name, kind);
    invariant(node !== undefined, `${this.kind} has ${name}`);
    return node;
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    invariant(typeof value === 'string', `${this.kind}.${name} is text`);
    return value;
  }

  integer(name: string): number {
    const value = this.#take(name);
    if (value === undefined) return 0;
    invariant(typeof value === 'number', `${this.kind}.${name} is a number`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#take(name);
    if (value === undefined) return false;
    invariant(typeof value === 'boolean', `${this.kind}.${name} is true or false`);
    return value;
  }

  /** The texts of a list of String nodes: the parts of a name. */
  names(name: string): readonly string[] {
    return this.nodes(name).map((node) => {
      if (node.kind !== 'String') throw node.refusal();
      return node.text('sval') ?? '';
    });
  }

  /** Looks an enumeration up in `meanings`; a value without one is refused. */
  choice<T>(name: string, meanings: Readonly<Record<string, T>>): T {
    const value = this.text(name) ?? '';
    const meaning = Object.hasOwn(meanings, value) ? meanings[value] : undefined;
    if (meaning === undefined) throw notSupported(fieldName(this.kind, name, value), this.#refusalPosition(name));
    return meaning;
  }

  /** Marks fields that say nothing about the meaning: places in the text, notes for other consumers of the tree. */
  skip(...names: readonly string[]): void {
    this.#read.push(...names);
  }

  /** Refuses the statement if a field with something in it has not been read. */
  finish(): void {
    for (const name in this.#fields) {
      if (name === 'location' || this.#read.includes(name) || isDefault(this.#fields[name])) continue;
      throw notSupported(fieldName(this.kind, name), this.#refusalPosition(name));
    }
  }

  /** Refuses the field now, with the words for it, if it says something. */
  refuse(name: string): void {
    if (this.has(name)) throw notSupported(fieldName(this.kind, name), this.#refusalPosition(name));
  }

  /** The error for a node of a kind that we do not execute here. */
  refusal(what = nodeName(this.kind)): SqlError {
    return notSupported(what, this.position || this.firstPosition || this.context.statementPosition);
  }

  #take(name: string): unknown {
    this.#read.push(name);
    return this.#fields[name];
  }

  #refusalPosition(name: string): number {
    const location = firstLocation(this.#fields[name]);
    if (location !== undefined) return this.context.source.positionAt(location);
    return this.position || this.firstPosition || this.context.statementPosition;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDefault(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    value === 0 ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Byte offset of the first located node at or below `value`, in the order of the tree. */
function firstLocation(value: unknown): number | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const location = firstLocation(item);
      if (location !== undefined) return location;
    }
    return undefined;
  }
  if (!isFields(value)) return undefined;
  if (typeof value.location === 'number' && value.location >= 0) return value.location;
  for (const name in value) {
    const location = firstLocation(value[name]);
    if (location !== undefined) return location;
  }
  return undefined;
}

/** The smallest byte offset of a located node at or below `value`; infinity for none. */
function leftmostLocation(value: unknown): number {
  if (Array.isArray(value)) return Math.min(Number.POSITIVE_INFINITY, ...value.map(leftmostLocation));
  if (!isFields(value)) return Number.POSITIVE_INFINITY;
  const own = typeof value.location === 'number' && value.location >= 0 ? value.location : Number.POSITIVE_INFINITY;
  return Math.min(own, ...Object.values(value).map(leftmostLocation));
}
