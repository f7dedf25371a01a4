// The console starts here: routes, data cache, language, and the shell around every page.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  RouterProvider,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { StrictMode } from 'react';
import type { ComponentType } from 'react';
import { createRoot } from 'react-dom/client';
import { formatSearch, parseSearch } from './lib/search.ts';
import { readAddress } from './state/boot.ts';
import { LanguageProvider } from './state/language.tsx';
import { applyTheme } from './state/preferences.ts';
import { Shell } from './views/shell.tsx';
import { Crash } from './views/states.tsx';
import './views/tokens.css';
import './views/base.css';

const root = createRootRoute({ component: Shell, notFoundComponent: () => null });
const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/map' as never });
  },
});

/** Returns a page that is loaded when it is first gone to. */
function page(path: string, load: () => Promise<{ default: ComponentType }>) {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) });
}

const pages = [
  page('/map', () => import('./views/map/page.tsx')),
  page('/traces', () => import('./views/traces/page.tsx')),
  page('/traces/compare', () => import('./views/compare/page.tsx')),
  page('/traces/$id', () => import('./views/trace/page.tsx')),
  page('/insights', () => import('./views/insights/page.tsx')),
  page('/insights/$id', () => import('./views/insight/page.tsx')),
  page('/config/sampling/{-$rule}', () => import('./views/sampling/page.tsx')),
  page('/config/groups/{-$name}', () => import('./views/groupsettings/page.tsx')),
  page('/config/retention', () => import('./views/storage/retention.tsx')),
  page('/config/encryption', () => import('./views/storage/encryption.tsx')),
  page('/config/indexing', () => import('./views/storage/indexing.tsx')),
  page('/config/access', () => import('./views/access/page.tsx')),
  page('/ingest', () => import('./views/ingest/page.tsx')),
  page('/start', () => import('./views/start/page.tsx')),
  page('/analytics', () => import('./views/analytics/page.tsx')),
];

readAddress('/console');
const router = createRouter({
  routeTree: root.addChildren([index, ...pages]),
  basepath: '/console',
  parseSearch,
  stringifySearch: formatSearch,
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error }: { error: unknown }) => <Crash error={error} />,
  scrollRestoration: true,
});

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 2_000, refetchOnWindowFocus: false } },
});

applyTheme();
// After an upgrade of the server the parts that this page knows are gone: it is loaded anew, once.
window.addEventListener('vite:preloadError', (event) => {
  const key = 'fluoro.reloaded';
  if (sessionStorage.getItem(key) === document.scripts[0]?.src) return;
  sessionStorage.setItem(key, document.scripts[0]?.src ?? '');
  event.preventDefault();
  location.reload();
});
const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <RouterProvider router={router} />
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
