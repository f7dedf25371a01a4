// The server's APIs from the same origin, by path: the public X-Ray API, and the console's own below
// `/console/api/`.

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
  throw errorOf(response, answer, text);
}

/** Returns what the server said of its refusal, in the words of either API. */
export function errorOf(response: Response, answer: unknown, text: string): ApiError {
  const { message, Message, code, requestId } = (answer ?? {}) as Record<string, unknown>;
  const string = (...given: unknown[]) =>
    given.find((one) => typeof one === 'string') as string | undefined;
  const kind = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? string(code);
  return new ApiError(
    kind ?? `HTTP ${response.status}`,
    string(Message, message) ?? text.slice(0, 200),
    response.status,
    response.headers.get('x-amzn-requestid') ?? string(requestId) ?? '',
  );
}

export async function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      // The server takes changes from the console only with this header.
      headers: { 'content-type': 'application/json', 'x-console': '1' },
      body: JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('Offline', String(cause), 0, '');
  }
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
