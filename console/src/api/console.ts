// The console's own endpoints, with the types of the server's description of them.
import { ApiError } from './client.ts';
import type { components, paths } from './schema.ts';

const BASE = '/console/api/';

type Method = 'get' | 'post' | 'put' | 'delete';

/** A shape of the description, by its name. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The paths, below `/console/api/`, that have this method. */
export type Path<M extends Method> = {
  [P in keyof paths]: P extends `${typeof BASE}${infer Rest}`
    ? paths[P] extends { [K in M]: object }
      ? Rest
      : never
    : never;
}[keyof paths];

type Operation<M extends Method, P extends string> = `${typeof BASE}${P}` extends keyof paths
  ? paths[`${typeof BASE}${P}`] extends { [K in M]: infer O }
    ? O
    : never
  : never;

type Content<T> = T extends { content: infer C } ? C[keyof C] : undefined;
type Member<T, K extends PropertyKey> = T extends { [N in K]?: infer V } ? V : never;

/** What is sent. */
export type Body<M extends Method, P extends string> = Content<
  NonNullable<Member<Operation<M, P>, 'requestBody'>>
>;

/** What is answered; of lines, one of them. */
export type Answer<M extends Method, P extends string> = Content<
  Member<Member<Operation<M, P>, 'responses'>, 200>
>;

type PathParameters<M extends Method, P extends string> = Member<
  Member<Operation<M, P>, 'parameters'>,
  'path'
>;

/** Whatever stands in the path's braces and behind its question mark. */
export interface Options<M extends Method, P extends string> {
  path?: PathParameters<M, P>;
  query?: NonNullable<Member<Member<Operation<M, P>, 'parameters'>, 'query'>>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Why a request was refused, with the place in it. */
export class ConsoleError extends ApiError {
  readonly field: string | undefined;
  /** In UTF-16 units of that field. */
  readonly offset: number | undefined;

  constructor(status: number, body: Partial<Schema<'Error'>>, fallback: string) {
    super(body.code ?? `HTTP ${status}`, body.message ?? fallback, status, body.requestId ?? '');
    this.field = body.field;
    this.offset = body.offset;
  }
}

/** Asks an endpoint with GET. */
export function get<P extends Path<'get'>>(path: P, options: Options<'get', P> = {}) {
  return one<'get', P>('get', path, undefined, options);
}

/** Asks an endpoint with POST. */
export function post<P extends Path<'post'>>(
  path: P,
  body: Body<'post', P>,
  options: Options<'post', P> = {},
) {
  return one<'post', P>('post', path, body, options);
}

/** Replaces what is there. */
export function put<P extends Path<'put'>>(
  path: P,
  body: Body<'put', P>,
  options: Options<'put', P> = {},
) {
  return one<'put', P>('put', path, body, options);
}

/** Removes what is there. */
export function remove<P extends Path<'delete'>>(path: P, options: Options<'delete', P> = {}) {
  return one<'delete', P>('delete', path, undefined, options);
}

/**
 * Asks an endpoint that answers line by line, and yields each line as it comes. Whoever stops
 * reading, or aborts, calls the query off. Throws `ConsoleError` for a line that tells of an error.
 */
export async function* lines<P extends Path<'post'>>(
  path: P,
  body: Body<'post', P>,
  options: Options<'post', P> = {},
): AsyncGenerator<Answer<'post', P>, void, undefined> {
  const response = await send('post', path, body, options);
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const parts = (rest + (value ?? '')).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) yield line<Answer<'post', P>>(part, response.status);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function line<T>(text: string, status: number): T {
  const value = JSON.parse(text) as T & { error?: Schema<'Error'> };
  if (value.error) throw new ConsoleError(status, value.error, '');
  return value;
}

async function one<M extends Method, P extends string>(
  method: M,
  path: P,
  body: unknown,
  options: Options<M, P>,
): Promise<Answer<M, P>> {
  const response = await send(method, path, body, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer<M, P>;
}

async function send<M extends Method, P extends string>(
  method: M,
  path: P,
  body: unknown,
  options: Options<M, P>,
): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-console': '1', ...options.headers };
  const request: RequestInit = { method: method.toUpperCase(), headers };
  if (body !== undefined) request.body = JSON.stringify(body);
  if (options.signal) request.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(address(path, options), request);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError('Offline', String(cause), 0, '');
  }
  if (response.ok) return response;
  const text = await response.text();
  throw new ConsoleError(response.status, parsed(text), text.slice(0, 200));
}

function address(path: string, options: { path?: unknown; query?: unknown }): string {
  const places = (options.path ?? {}) as Record<string, string>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(places[name] ?? ''),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((options.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const search = query.toString();
  return BASE + filled + (search && `?${search}`);
}

function parsed(text: string): Partial<Schema<'Error'>> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<Schema<'Error'>>;
  } catch {
    return {};
  }
}
