// What the console says in this language; a file and a line for each part of it.
export { default as analytics } from './analytics.json';
export { default as chart } from './chart.json';
export { default as insights } from './insights.json';
export { default as keys } from './keys.json';
export { default as map } from './map.json';
export { default as nav } from './nav.json';
export { default as start } from './start.json';
export { default as state } from './state.json';
export { default as status } from './status.json';
export { default as top } from './top.json';
export { default as trace } from './trace.json';
export { default as traces } from './traces.json';
// What the console says in this language; a file for each part of it.
import chart from './chart.json';
import config from './config.json';
import groups from './groups.json';
import insights from './insights.json';
import keys from './keys.json';
import map from './map.json';
import nav from './nav.json';
import sampling from './sampling.json';
import start from './start.json';
import state from './state.json';
import status from './status.json';
import top from './top.json';
import trace from './trace.json';
import traces from './traces.json';

export default {
  chart,
  config,
  groups,
  insights,
  keys,
  map,
  nav,
  sampling,
  start,
  state,
  status,
  top,
  trace,
  traces,
};
