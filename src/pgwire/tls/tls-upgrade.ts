import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { TlsFacts } from '../authentication/authentication-method.ts';

/** The certificate of the server as it is by now: it may be replaced while the server runs. */
export interface TlsProvider {
  readonly context: SecureContext;
  /** What clients bind their passwords to. */
  readonly serverEndPoint: Uint8Array | undefined;
  /** Clients are asked for certificates, which this authority signs. */
  readonly asksForCertificates: boolean;
}

/** The first byte of a TLS handshake: no startup packet has such a length. */
export const TLS_HANDSHAKE = 0x16;
export const ALPN_PROTOCOL = 'postgresql';

/** A connection under TLS. */
export interface SecuredSocket {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Shakes hands on a socket from which nobody else reads any more; `received` came before. `needsProtocol`: the client must
 * have named our protocol, as nothing was said in clear before. Rejects when that fails, and then the socket is closed.
 */
export function secure(
  socket: Socket,
  provider: TlsProvider,
  { received, needsProtocol }: { readonly received: Uint8Array; readonly needsProtocol: boolean },
): Promise<SecuredSocket> {
  if (received.length > 0) socket.unshift(Buffer.from(received));
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: provider.context,
    ALPNProtocols: [ALPN_PROTOCOL],
    requestCert: provider.asksForCertificates,
    // What a certificate has to be is for the rules to say.
    rejectUnauthorized: false,
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    secured.once('error', fail);
    const hungUp = (): void => fail(new Error('the client hung up during the TLS handshake'));
    secured.once('end', hungUp);
    secured.once('close', hungUp);
    secured.once('secure', () => {
      secured.off('error', fail).off('end', hungUp).off('close', hungUp);
      secured.on('error', () => {});
      if (needsProtocol && secured.alpnProtocol !== ALPN_PROTOCOL) {
        fail(new Error('direct TLS without the ALPN protocol "postgresql"'));
        return;
      }
      secured.setNoDelay(true);
      resolve({ socket: secured, facts: factsOf(secured, provider) });
    });
  });
}

/** What Node's types leave out: a server that is no `tls.Server` asks itself what became of the client's certificate. */
interface VerifiedSocket extends TLSSocket {
  readonly ssl: { verifyError(): Error | null };
}

function factsOf(socket: TLSSocket, { serverEndPoint, asksForCertificates }: TlsProvider): TlsFacts {
  const isSigned = asksForCertificates && (socket as VerifiedSocket).ssl.verifyError() === null;
  const certificate = isSigned ? socket.getPeerCertificate() : undefined;
  const hasClientCertificate = certificate !== undefined && Object.keys(certificate).length > 0;
  const name: unknown = hasClientCertificate ? certificate.subject?.CN : undefined;
  return { serverEndPoint, hasClientCertificate, clientName: typeof name === 'string' ? name : undefined };
}
