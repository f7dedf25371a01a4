// What `layout.mjs` measures, in one file.
export { collapse } from '../src/model/collapse.ts';
export { graphOf } from '../src/model/graph.ts';
export { layout } from '../src/model/layout.ts';
export { routesOf } from '../src/model/routes.ts';
