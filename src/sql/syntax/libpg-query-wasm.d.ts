/**
 * libpg-query's Emscripten module, below its JavaScript wrapper. The wrapper holds one instance for the life of the
 * process; RawParser needs to throw an instance away after a trap.
 */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface LibpgQueryModule {
    readonly HEAPU8: Uint8Array;
    _malloc(sizeBytes: number): number;
    _free(pointer: number): void;
    /** A pointer to { parse tree, stderr buffer, error }, three pointers of which any may be 0. */
    _wasm_parse_query_raw(queryPointer: number): number;
    /** A pointer to the text with $n in the place of constants, or to an error message. */
    _wasm_normalize_query(queryPointer: number): number;
    _wasm_free_string(pointer: number): void;
    _wasm_free_parse_result(resultPointer: number): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, capacityBytes: number): void;
    UTF8ToString(pointer: number): string;
    getValue(pointer: number, type: 'i32'): number;
  }
  export default function createModule(options?: {
    readonly print?: (line: string) => void;
    readonly printErr?: (line: string) => void;
  }): Promise<LibpgQueryModule>;
}
