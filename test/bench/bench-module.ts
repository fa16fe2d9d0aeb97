/** A module of the benchmarks, which are JavaScript without types: what it exports is `any`. */
export function benchModule(path: string) {
  return import(/* @vite-ignore */ new URL(`../../bench/${path}`, import.meta.url).href);
}
