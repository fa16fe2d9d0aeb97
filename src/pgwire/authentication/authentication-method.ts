import type { BackendWriter } from '../backend-writer.ts';

/** What TLS has told of a connection. */
export interface TlsFacts {
  /** `tls-server-end-point` (RFC 5929): the hash of our certificate; undefined where it has none that is defined. */
  readonly serverEndPoint: Uint8Array | undefined;
  /** Of a certificate that the client has shown and our authority has signed. */
  readonly clientName: string | undefined;
  readonly hasClientCertificate: boolean;
}

/** What a method may do to find out who a client is. */
export interface AuthenticationExchange {
  readonly userName: string;
  readonly databaseName: string;
  /** undefined: by a Unix-domain socket. */
  readonly remoteAddress: string | undefined;
  /** undefined: in clear text. */
  readonly tls: TlsFacts | undefined;
  readonly out: BackendWriter;
  /** Sends what was written and gives the body of the client's next password message. */
  answer(): Promise<Uint8Array>;
}

/** A way to log in: returns when the client has proved its name, throws SqlError 28000 or 28P01 otherwise. */
export interface AuthenticationMethod {
  authenticate(exchange: AuthenticationExchange): Promise<void>;
}
