// What the console says in this language; a file for each part of it.
import analytics from './analytics.json';
import chart from './chart.json';
import insights from './insights.json';
import keys from './keys.json';
import map from './map.json';
import nav from './nav.json';
import start from './start.json';
import state from './state.json';
import status from './status.json';
import top from './top.json';
import trace from './trace.json';
import traces from './traces.json';

export default { chart, insights, keys, map, nav, start, state, status, top, trace, traces };
export default { analytics, chart, keys, map, nav, start, state, status, top, trace, traces };
