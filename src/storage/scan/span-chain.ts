import type { SpanReader } from '../../catalog/table.ts';

/** The spans of one reader after the other; `open` gives the next one, undefined behind the last. */
export function chainSpans(open: () => SpanReader | undefined): SpanReader {
  let reader: SpanReader | undefined;
  const next = (): ReturnType<SpanReader['next']> => {
    for (;;) {
      reader ??= open();
      if (reader === undefined) return undefined;
      const pending = reader.next();
      if (pending instanceof Promise) return pending.then((span) => span ?? ended());
      if (pending !== undefined) return pending;
      end();
    }
  };
  const end = (): void => {
    reader?.close();
    reader = undefined;
  };
  const ended = (): ReturnType<SpanReader['next']> => {
    end();
    return next();
  };
  return { next, close: end };
}
