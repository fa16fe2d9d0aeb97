/** What the door counts; the counters themselves are injected. */
export interface WireMetrics {
  connectionOpened(): void;
  connectionClosed(): void;
  /** Turned away: too many, or never logged in. */
  connectionRefused(): void;
  bytes(direction: 'received' | 'sent', count: number): void;
}

export const noWireMetrics: WireMetrics = {
  connectionOpened() {},
  connectionClosed() {},
  connectionRefused() {},
  bytes() {},
};
