// The public X-Ray API, by path, from the same origin.

/** What the server answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string;
  /** 0 when no answer came. */
  readonly status: number;
  readonly requestId: string;

  constructor(code: string, message: string, status: number, requestId: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/** Calls an operation by its path. Throws `ApiError`, or what aborting throws. */
export async function call<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, body, signal);
  const text = await response.text();
  const answer = parse(text);
  if (response.ok && answer !== undefined) return answer as T;
  const { message, Message } = (answer ?? {}) as Record<string, unknown>;
  const code = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? `HTTP ${response.status}`;
  const words = [Message, message].find((one) => typeof one === 'string') as string | undefined;
  const requestId = response.headers.get('x-amzn-requestid') ?? '';
  throw new ApiError(code, words ?? text.slice(0, 200), response.status, requestId);
}

async function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('Offline', String(cause), 0, '');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
