import type { Log } from '../logger.ts';
import { warmUp } from './warm-up.ts';

const BUDGET_MS = 6_000;

export interface WarmUp {
  /** Resolves once nothing of it is left. */
  stop(): Promise<void>;
}

/** Warms up beside the server's work. It is a help, not a need: what goes wrong is logged, and the server stays up. */
export function startWarmUp({ isBusy, log }: { readonly isBusy: () => boolean; readonly log: Log }): WarmUp {
  const abort = new AbortController();
  const begin = performance.now();
  const running = warmUp({ budgetMs: BUDGET_MS, signal: abort.signal, isBusy, log }).then(
    ({ rounds }) => log('info', 'warmed up', { rounds, milliseconds: Math.round(performance.now() - begin) }),
    (error: unknown) => log('warn', 'warming up failed', { error: String(error) }),
  );
  return {
    async stop() {
      abort.abort();
      await running;
    },
  };
}
