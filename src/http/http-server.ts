import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Instance } from '../database/instance.ts';
import type { Clock } from '../platform/clock.ts';
import type { LoginGate } from '../session/login/login-gate.ts';
import { HttpError } from './http-error.ts';
import { writeEndpoint } from './write-endpoint.ts';

/** Limits against slow and oversized clients; the body's own limit is an option. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node looks for clients past their time; its own 30 s would give them as much again. */
const TIMEOUT_CHECK_MS = 1_000;

export interface HttpServerOptions {
  readonly instance: Instance;
  readonly clock: Clock;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly bodyLimitBytes: number;
  readonly version: string;
  /** Who is let in. Absent: whoever asks, as the superuser. */
  readonly gate?: LoginGate;
  /** Users that nobody knows are the superuser where the rules trust them. */
  readonly letsUnknownIn?: () => boolean;
  /** HTTP over TLS, and no other. */
  readonly tls?: Certificate;
  /** A client that has not sent its headers by then is cut off; 10 s unless given. */
  readonly headersTimeoutMs?: number;
  /** Reports what a client must not see: unexpected exceptions. */
  readonly reportError: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
}

/** PEM texts. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void;

/** The ingest and admin door. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, Readonly<Record<string, Handler>>>;
  #isStopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { gate, letsUnknownIn = () => true, tls } = options;
    const writing = gate === undefined ? options : { ...options, access: { gate, letsUnknownIn } };
    this.#routes = new Map<string, Readonly<Record<string, Handler>>>([
      ['/write', { POST: (request, response, url) => writeEndpoint(request, response, url, writing) }],
      ['/ready', { GET: (_, response) => this.#ready(response) }],
      ['/health', { GET: (_, response) => this.#ready(response) }],
      ['/ping', { GET: (_, response) => void response.writeHead(204).end() }],
    ]);
    const limits = {
      headersTimeout: options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: 30_000,
    };
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    this.#server =
      tls === undefined
        ? createServer(limits, handle)
        : createTlsServer({ ...limits, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' }, handle);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects with the error of `listen` (EADDRINUSE …). */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** For connections from now on. */
  useCertificate({ cert, key }: Certificate): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  }

  /** Takes no new connections and waits for running requests; after `graceMs` they are cut off. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    let path = '';
    try {
      const url = targetOf(request);
      path = url.pathname;
      const handlers = this.#routes.get(path);
      if (handlers === undefined) throw new HttpError(404, `no such endpoint: ${path.slice(0, 100)}`);
      const handler = Object.hasOwn(handlers, method === 'HEAD' ? 'GET' : method)
        ? handlers[method === 'HEAD' ? 'GET' : method]
        : undefined;
      if (handler === undefined) {
        response.setHeader('Allow', Object.keys(handlers).join(', '));
        throw new HttpError(405, `${path} does not answer ${method}`);
      }
      await handler(request, response, url);
    } catch (error) {
      this.#respondError(error, request, response, { method, path });
    }
  }

  #respondError(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    place: { readonly method: string; readonly path: string },
  ): void {
    const isExpected = error instanceof HttpError;
    // A client that went away in the middle of its body is no error of ours.
    if (!isExpected && request.destroyed && !request.complete) return;
    if (!isExpected) this.#options.reportError(error, place);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const status = isExpected ? error.status : 500;
    const body = isExpected ? { error: error.message, ...error.details } : { error: 'internal error' };
    // What is left of a refused body is not read: the connection ends with the response.
    if (!request.complete) response.setHeader('Connection', 'close');
    const headers = isExpected ? error.headers : {};
    response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    if (!request.complete) {
      request.resume();
      response.on('finish', () => setTimeout(() => request.socket.destroy(), 500).unref());
    }
  }

  #ready(response: ServerResponse): void {
    const { instance, version } = this.#options;
    const status = this.#isStopping ? 'stopping' : instance.failure === undefined ? 'ready' : 'read-only';
    response
      .writeHead(status === 'ready' ? 200 : 503, { 'Content-Type': 'application/json' })
      .end(`${JSON.stringify({ status, version })}\n`);
  }
}

/** The path and parameters asked for. What begins with two slashes is a path too, and names no host. */
function targetOf(request: IncomingMessage): URL {
  const target = request.url ?? '/';
  try {
    return new URL(target.startsWith('/') ? `http://localhost${target}` : target, 'http://localhost');
  } catch {
    throw new HttpError(400, `not a URL: ${target.slice(0, 100)}`);
  }
}
