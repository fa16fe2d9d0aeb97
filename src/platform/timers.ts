/** Delayed actions as a parameter, so that tests decide when time passes. */
export interface Timers {
  /** Runs `action` once after `delayMs`, unless the returned function is called before. Does not keep the process alive. */
  after(delayMs: number, action: () => void): () => void;
}

export const systemTimers: Timers = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
