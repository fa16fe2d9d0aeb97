import type { BackendWriter } from '../backend-writer.ts';

/** What a method may do to find out who a client is. */
export interface AuthenticationExchange {
  readonly userName: string;
  readonly remoteAddress: string;
  readonly out: BackendWriter;
  /** Sends what was written and gives the body of the client's next password message. */
  answer(): Promise<Uint8Array>;
}

/** A way to log in: returns when the client has proved its name, throws `FatalError` 28000 or 28P01 otherwise. */
export interface AuthenticationMethod {
  readonly name: string;
  authenticate(exchange: AuthenticationExchange): Promise<void>;
}
