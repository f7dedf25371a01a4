// How long the map takes to give each service a place: CPU time of a first run and of later ones.
//
//   node bench/layout.mjs
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { fleet } from './fleet.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { output } = await build({
  root,
  logLevel: 'silent',
  configFile: false,
  build: {
    write: false,
    minify: true,
    lib: { entry: 'bench/entry.ts', formats: ['es'] },
  },
}).then((built) => [built].flat()[0]);
const { graphOf, layout, routesOf, collapse } = await import(
  `data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`
);

const SIZES = [[12, 16], [60, 120], [100, 250], [200, 600], [500, 3000]]; // prettier-ignore
console.log('services/calls     first ms   later ms   routes ms       px');
for (const [nodes, edges] of SIZES) {
  const graph = graphOf(fleet(nodes, edges));
  const times = Array.from({ length: 7 }, () => cpu(() => layout(graph)));
  const places = layout(graph);
  const routing = Array.from({ length: 5 }, () => cpu(() => routesOf(graph, places)));
  line(`${nodes}/${edges}`, times, routing, places);
}
const graph = graphOf(fleet(500, 3000));
const folded = collapse(graph, 'auto', new Set()).graph;
const times = Array.from({ length: 7 }, () => cpu(() => layout(folded)));
const places = layout(folded);
line(
  `500 as ${folded.nodes.length}/${folded.edges.length}`,
  times,
  [cpu(() => routesOf(folded, places))],
  places,
);

function line(name, times, routing, places) {
  const [width, height] = ['x', 'y'].map((axis) =>
    Math.max(...[...places.values()].map((at) => at[axis])),
  );
  const shown = [times[0], Math.min(...times), Math.min(...routing)].map((ms) =>
    ms.toFixed(1).padStart(10),
  );
  console.log(
    `${name.padEnd(16)} ${shown.join(' ')}   ${Math.round(width)} x ${Math.round(height)}`,
  );
}

function cpu(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}
