import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What wasm/numeric.ts exports; arguments in …At are byte offsets into the imported memory. */
export interface NumericExports {
  sum(valuesAt: number, count: number): number;
  least(valuesAt: number, count: number): number;
  greatest(valuesAt: number, count: number): number;
  sumSelected(valuesAt: number, maskAt: number, count: number): number;
  leastSelected(valuesAt: number, maskAt: number, count: number): number;
  greatestSelected(valuesAt: number, maskAt: number, count: number): number;
  holdsMinusZero(valuesAt: number, count: number): number;
  compareLess: CompareExport;
  compareAtMost: CompareExport;
  compareEqual: CompareExport;
  narrowLess: CompareExport;
  narrowAtMost: CompareExport;
  narrowEqual: CompareExport;
  and(maskAt: number, otherAt: number, count: number): void;
  or(maskAt: number, otherAt: number, count: number): void;
  countSelected(maskAt: number, count: number): number;
  groupSums(valuesAt: number, codesAt: number, sumsAt: number, firstLane: number, count: number): void;
  groupSumsSelected(
    valuesAt: number,
    codesAt: number,
    maskAt: number,
    sumsAt: number,
    firstLane: number,
    count: number,
  ): void;
  unpack(
    wordsAt: number,
    width: number,
    base: number,
    step: number,
    divisor: number,
    targetAt: number,
    count: number,
  ): void;
}

type CompareExport = (valuesAt: number, constant: number, ifTrue: number, maskAt: number, count: number) => void;

/** The part of WebAssembly that we use; the type library for servers leaves it out. */
interface WebAssemblyNamespace {
  readonly Memory: new (size: {
    initial: number;
    maximum: number;
    shared: true;
  }) => {
    readonly buffer: SharedArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace }).WebAssembly;

/** Beside this file once it is built; where sources run as they are, in the build. */
const PLACES = ['./numeric.wasm', '../../dist/kernels/numeric.wasm'];

let compiled: object | undefined;
let isMissing = false;

/** The module over `memory`, or over `pages` pages of its own; undefined when it was not built. */
export function openNumericModule(
  memory: { readonly buffer: SharedArrayBuffer } | undefined,
  pages: number,
): { exports: NumericExports; buffer: SharedArrayBuffer } | undefined {
  if (isMissing) return undefined;
  compiled ??= compile();
  isMissing = compiled === undefined;
  if (compiled === undefined) return undefined;
  const used = memory ?? new wasm.Memory({ initial: pages, maximum: pages, shared: true });
  const { exports } = new wasm.Instance(compiled, { env: { memory: used } });
  return { exports: exports as NumericExports, buffer: used.buffer };
}

function compile(): object | undefined {
  const path = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(place));
  return path === undefined ? undefined : new wasm.Module(readFileSync(path));
}
