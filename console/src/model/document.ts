// Segment documents as BatchGetTraces returns them. They are foreign text: every field is checked
// when it is read, and what has another type than expected is as if it were absent.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOTHING: JsonObject = Object.freeze({});
const NONE: JsonObject[] = [];

/** Returns the object under `key`, or an empty one. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : NOTHING;
}

export function textAt(value: JsonObject, key: string): string | undefined {
  const found = value[key];
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: JsonObject, key: string): number | undefined {
  const found = value[key];
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** Returns the objects in the list under `key`. */
export function objectsAt(value: JsonObject, key: string): readonly JsonObject[] {
  const found = value[key];
  return Array.isArray(found) ? found.filter(isObject) : NONE;
}

/** One line of a stack. */
export interface Frame {
  path: string;
  line: number | undefined;
  label: string;
}

/** An exception; `cause` is the id of the one that led to it. */
export interface Exception {
  id: string;
  type: string;
  message: string;
  isRemote: boolean;
  frames: Frame[];
  cause: string | undefined;
}

/** Returns the exceptions of a document; none when the cause only refers to another document's. */
export function exceptionsOf(document: JsonObject): Exception[] {
  return objectsAt(objectAt(document, 'cause'), 'exceptions').map((one) => ({
    id: textAt(one, 'id') ?? '',
    type: textAt(one, 'type') ?? '',
    message: textAt(one, 'message') ?? '',
    isRemote: one['remote'] === true,
    cause: textAt(one, 'cause'),
    frames: objectsAt(one, 'stack').map((frame) => ({
      path: textAt(frame, 'path') ?? '',
      line: numberAt(frame, 'line'),
      label: textAt(frame, 'label') ?? '',
    })),
  }));
}

/** Paths and names of code that came with something else. */
const LIBRARY =
  /node_modules|^node:|site-packages|dist-packages|\/usr\/lib|\/vendor\/|\/gems\/|\.cargo\/registry|\/rustc\/|\/pkg\/mod\/|\/go\/src\/|^(?:java|javax|jdk|sun|kotlin|scala|System|Microsoft)[./]|springframework|<frozen|^std::|^core::|^tokio::/;

function isLibrary({ path, label }: Frame): boolean {
  return LIBRARY.test(path) || LIBRARY.test(label);
}

/** Returns the frames in runs of own and of library code; without own code all are shown as own. */
export function framesOf(frames: readonly Frame[]): { isLibrary: boolean; frames: Frame[] }[] {
  const runs: { isLibrary: boolean; frames: Frame[] }[] = [];
  const hasOwn = frames.some((frame) => !isLibrary(frame));
  for (const frame of frames) {
    const isTheirs = hasOwn && isLibrary(frame);
    const last = runs.at(-1);
    if (last && last.isLibrary === isTheirs) last.frames.push(frame);
    else runs.push({ isLibrary: isTheirs, frames: [frame] });
  }
  return runs;
}

/** Returns the id of the exception in another document that caused this fault, if it says so. */
export function causeReference(document: JsonObject): string | undefined {
  return textAt(document, 'cause');
}

/** Returns what the work did, in a word or a path: `GetItem`, `POST /orders`. */
export function operationOf(document: JsonObject): string {
  const operation = textAt(objectAt(document, 'aws'), 'operation');
  if (operation !== undefined) return operation;
  const request = objectAt(objectAt(document, 'http'), 'request');
  if (request === NOTHING) return '';
  const [method, url] = [textAt(request, 'method'), textAt(request, 'url')];
  if (url === undefined) return method ?? '';
  return method === undefined ? pathOf(url) : `${method} ${pathOf(url)}`;
}

/** Returns the path of a URL, or the text itself when it is none. */
export function pathOf(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(url);
  return match ? match[1] || '/' : url;
}

/** Returns a path with ids taken out: `/orders/{id}/pay`. */
export function templateOf(path: string): string {
  const isId = (part: string) =>
    /^\d+$/.test(part) || /^[0-9a-f-]{16,}$/i.test(part) || (/\d/.test(part) && part.length > 20);
  return path
    .split('/')
    .map((part) => (isId(part) ? '{id}' : part))
    .join('/');
}

/** Returns the status of the HTTP response, if there is one. */
export function statusOf(document: JsonObject): number | undefined {
  return numberAt(objectAt(objectAt(document, 'http'), 'response'), 'status');
}
