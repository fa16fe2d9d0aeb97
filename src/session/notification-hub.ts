/** What NOTIFY sends. */
export interface Notification {
  /** Of the session that sent it. */
  readonly processId: number;
  readonly channel: string;
  readonly payload: string;
}

/** A session that may listen. */
export interface NotificationListener {
  listensTo(channel: string): boolean;
  /** Whether its queue takes so many bytes more. */
  hasRoom(sizeBytes: number): boolean;
  receive(notification: Notification): void;
}

/** Who listens in one database. Sessions publish in the order in which they commit. */
export class NotificationHub {
  readonly #listeners = new Set<NotificationListener>();

  add(listener: NotificationListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: NotificationListener): void {
    this.#listeners.delete(listener);
  }

  /** Whether everybody who listens has room for what is about to be published. */
  hasRoom(notifications: readonly Notification[]): boolean {
    for (const listener of this.#listeners) {
      let sizeBytes = 0;
      for (const notification of notifications) {
        if (listener.listensTo(notification.channel)) sizeBytes += sizeOf(notification);
      }
      if (sizeBytes > 0 && !listener.hasRoom(sizeBytes)) return false;
    }
    return true;
  }

  publish(notifications: readonly Notification[]): void {
    for (const listener of this.#listeners) {
      for (const notification of notifications) {
        if (listener.listensTo(notification.channel)) listener.receive(notification);
      }
    }
  }
}

const OBJECT_BYTES = 64;

/** About what it takes in a queue. */
export function sizeOf({ channel, payload }: Notification): number {
  return OBJECT_BYTES + (channel.length + payload.length) * 2;
}
