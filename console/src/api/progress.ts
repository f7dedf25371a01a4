// How far questions are that take a while, and how to stop them.
import type { EpochMs } from '../lib/units.ts';

/** A question under way. */
export interface Progress {
  since: EpochMs;
  scanned: number;
  matched: number | null;
  /** Ends it and keeps what came. */
  stop: () => void;
}

const running = new Map<string, Progress>();
const listeners = new Set<() => void>();

/** Says how far a question is, or that it is over. */
export function report(key: string, progress: Progress | undefined): void {
  if (progress) running.set(key, progress);
  else running.delete(key);
  for (const listener of listeners) listener();
}

export function progressOf(key: string): Progress | undefined {
  return running.get(key);
}

export function onProgress(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
