import { expect, test } from 'vitest';
import { framesOf, templateOf } from './document.ts';

const frame = (path: string) => ({ path, line: 1, label: 'f' });

test('frames of libraries are runs of their own', () => {
  const paths = ['/srv/a.js', '/srv/node_modules/x/b.js', 'node:internal/c', '/srv/d.js'];
  expect(framesOf(paths.map(frame)).map((run) => [run.isLibrary, run.frames.length])).toEqual([
    [false, 1],
    [true, 2],
    [false, 1],
  ]);
});

test('a stack of libraries alone is shown', () => {
  expect(framesOf([frame('/usr/lib/python3/json.py')])).toEqual([
    { isLibrary: false, frames: [frame('/usr/lib/python3/json.py')] },
  ]);
});

test.each([
  ['/orders/17/pay', '/orders/{id}/pay'],
  ['/v2/items/0f8fad5b-d9cb-469f-a165-70867728950e', '/v2/items/{id}'],
  ['/products', '/products'],
])('%s is of the template %s', (path, template) => {
  expect(templateOf(path)).toBe(template);
});
