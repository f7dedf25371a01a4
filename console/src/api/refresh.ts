// Asking again.
import type { QueryClient } from '@tanstack/react-query';

/** Asks everything that is shown again. */
export function refresh(client: QueryClient): void {
  void client.invalidateQueries();
}

/** Asks again what follows live mode: queries with `meta: { isLive: true }`. */
export function refreshLive(client: QueryClient): void {
  void client.invalidateQueries({ predicate: (query) => query.meta?.['isLive'] === true });
}
