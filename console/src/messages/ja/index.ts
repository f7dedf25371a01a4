// What the console says in this language; a file and a line for each part of it.
export { default as analytics } from './analytics.json';
export { default as chart } from './chart.json';
export { default as config } from './config.json';
export { default as editor } from './editor.json';
export { default as groups } from './groups.json';
export { default as insights } from './insights.json';
export { default as keys } from './keys.json';
export { default as map } from './map.json';
export { default as nav } from './nav.json';
export { default as palette } from './palette.json';
export { default as sampling } from './sampling.json';
export { default as start } from './start.json';
export { default as state } from './state.json';
export { default as status } from './status.json';
export { default as top } from './top.json';
export { default as trace } from './trace.json';
export { default as traces } from './traces.json';
