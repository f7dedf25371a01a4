// How to send the first trace, with the addresses of this very server.

/** Where the server is reached. */
export interface Doors {
  /** The API, such as `http://traces.example:2080`. */
  api: string;
  /** Where SDKs send to and ask, as `AWS_XRAY_DAEMON_ADDRESS` has it; absent when the doors are closed. */
  daemon: string | undefined;
  udp: { host: string; port: string } | undefined;
}

/** One thing to do: what it is, as the key of a message, and the text to copy. */
export interface Step {
  say: 'shell' | 'sample' | 'datagram' | 'install' | 'address' | 'code' | 'config' | 'run' | 'look';
  text: string;
}

export interface Guide {
  key: string;
  /** A name that is the same in every language; without one the key names a message. */
  name?: string;
  section: 'try' | 'app' | 'relay';
  steps: readonly Step[];
}

/** What `GET info` says of the server's doors. */
export interface Endpoints {
  http?: string | null;
  udp?: string | null;
  tcp?: string | null;
}

/** Returns the doors as they are reached from where the page was opened: the server may listen on all
 * addresses of its machine, or on the loopback of one that a tunnel leads to. */
export function doorsOf(origin: string, hostname: string, endpoints: Endpoints | undefined): Doors {
  const port = (address: string | null | undefined) => /:(\d+)$/.exec(address ?? '')?.[1];
  const [udp, tcp] = endpoints ? [port(endpoints.udp), port(endpoints.tcp)] : ['2000', '2000'];
  // SDKs split at colons: an address in brackets is not for them.
  const host = hostname === '[::1]' ? 'localhost' : hostname;
  const both =
    tcp === undefined || tcp === udp ? `${host}:${udp}` : `tcp:${host}:${tcp} udp:${host}:${udp}`;
  return {
    api: origin,
    daemon: udp === undefined ? undefined : both,
    udp: udp === undefined ? undefined : { host, port: udp },
  };
}

/** Returns every way to send that the server has a door for. */
export function guidesFor(doors: Doors, hasOtlp: boolean): Guide[] {
  const tries: Guide[] = [
    { key: 'quick', section: 'try', steps: quick(doors) },
    ...(doors.udp
      ? [{ key: 'udp', name: 'UDP', section: 'try' as const, steps: udp(doors.udp) }]
      : []),
    { key: 'cli', name: 'AWS CLI', section: 'try', steps: cli(doors) },
  ];
  const relays: Guide[] = [
    { key: 'daemon', name: 'X-Ray daemon', section: 'relay', steps: daemon(doors) },
    { key: 'adot', name: 'ADOT Collector', section: 'relay', steps: adot(doors) },
    { key: 'cwagent', name: 'CloudWatch agent', section: 'relay', steps: agent(doors) },
    ...(hasOtlp
      ? [{ key: 'otlp', name: 'OTLP', section: 'relay' as const, steps: otlp(doors) }]
      : []),
  ];
  return [...tries, ...(doors.daemon === undefined ? [] : sdks(doors.daemon)), ...relays];
}

/** A trace with a fresh id, in plain POSIX shell. */
const FRESH = [
  'N=$(date +%s); H() { od -An -tx1 -N"$1" /dev/urandom | tr -d \' \\n\'; }',
  `T=$(printf '1-%08x-%s' "$N" "$(H 12)")`,
];

function quick({ api, udp: door }: Doors): Step[] {
  const shell = [
    ...FRESH,
    `printf '{"TraceSegmentDocuments":["{\\\\"trace_id\\\\":\\\\"%s\\\\",\\\\"id\\\\":\\\\"%s\\\\",\\\\"name\\\\":\\\\"hello\\\\",\\\\"start_time\\\\":%s.0,\\\\"end_time\\\\":%s.2}"]}' \\`,
    `  "$T" "$(H 8)" "$N" "$N" | curl -sS ${api}/TraceSegments -H 'content-type: application/json' -d @-`,
  ];
  const to = door ? ` --to ${door.host}:${door.port}` : '';
  return [
    { say: 'shell', text: shell.join('\n') },
    { say: 'sample', text: `fluoro send${to} --endpoint ${api} --count 20` },
  ];
}

function udp({ host, port }: { host: string; port: string }): Step[] {
  const shell = [
    ...FRESH,
    `printf '{"format":"json","version":1}\\n{"trace_id":"%s","id":"%s","name":"hello","start_time":%s.0,"end_time":%s.2}' \\`,
    `  "$T" "$(H 8)" "$N" "$N" | nc -u -w1 ${host} ${port}`,
  ];
  return [{ say: 'datagram', text: shell.join('\n') }];
}

function cli({ api }: Doors): Step[] {
  const flags = `--endpoint-url ${api} --region us-east-1 --no-sign-request`;
  const document = `{\\"trace_id\\":\\"$T\\",\\"id\\":\\"$(H 8)\\",\\"name\\":\\"hello\\",\\"start_time\\":$N.0,\\"end_time\\":$N.2}`;
  return [
    {
      say: 'shell',
      text: [
        ...FRESH,
        `aws xray put-trace-segments ${flags} \\`,
        `  --trace-segment-documents "${document}"`,
      ].join('\n'),
    },
    {
      say: 'look',
      text: `aws xray get-trace-summaries ${flags} \\\n  --start-time $(($(date +%s) - 600)) --end-time $(date +%s)`,
    },
  ];
}

function sdks(address: string): Guide[] {
  const where: Step = {
    say: 'address',
    text: `export AWS_XRAY_DAEMON_ADDRESS=${address.includes(' ') ? `"${address}"` : address}`,
  };
  const guide = (key: string, name: string, install: string, code: string): Guide => ({
    key,
    name,
    section: 'app',
    steps: [{ say: 'install', text: install }, where, { say: 'code', text: code }],
  });
  return SDKS.map(([key, name, install, code]) => guide(key, name, install, code.join('\n')));
}

const SDKS: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['node', 'Node.js', 'npm install aws-xray-sdk express', [
    "const xray = require('aws-xray-sdk');",
    "const app = require('express')();",
    '',
    "app.use(xray.express.openSegment('my-service'));",
    "app.get('/', (request, response) => response.send('hello'));",
    'app.use(xray.express.closeSegment());',
    'app.listen(3000);',
  ]],
  ['python', 'Python', 'pip install aws-xray-sdk flask', [
    'from aws_xray_sdk.core import patch_all, xray_recorder',
    'from aws_xray_sdk.ext.flask.middleware import XRayMiddleware',
    'from flask import Flask',
    '',
    'app = Flask(__name__)',
    'xray_recorder.configure(service="my-service")',
    'patch_all()  # requests, boto3, databases',
    'XRayMiddleware(app, xray_recorder)',
    '',
    '@app.get("/")',
    'def home():',
    '    return "hello"',
  ]],
  ['java', 'Java', 'implementation("com.amazonaws:aws-xray-recorder-sdk-core:2.21.0")', [
    'import com.amazonaws.xray.AWSXRay;',
    '',
    'AWSXRay.beginSegment("my-service");',
    'try {',
    '    handleRequest();',
    '} catch (RuntimeException failure) {',
    '    AWSXRay.getCurrentSegment().addException(failure);',
    '    throw failure;',
    '} finally {',
    '    AWSXRay.endSegment();',
    '}',
  ]],
  ['go', 'Go', 'go get github.com/aws/aws-xray-sdk-go/v2', [
    '// with "github.com/aws/aws-xray-sdk-go/v2/xray"',
    'home := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {',
    '    io.WriteString(w, "hello")',
    '})',
    'name := xray.NewFixedSegmentNamer("my-service")',
    'http.ListenAndServe(":3000", xray.Handler(name, home))',
  ]],
  ['dotnet', '.NET', 'dotnet add package AWSXRayRecorder.Handlers.AspNetCore', [
    'var app = WebApplication.CreateBuilder(args).Build();',
    'app.UseXRay("my-service");',
    'app.MapGet("/", () => "hello");',
    'app.Run();',
  ]],
  ['ruby', 'Ruby', 'gem install aws-xray-sdk rack rackup', [
    '# config.ru',
    "require 'aws-xray-sdk'",
    "require 'aws-xray-sdk/facets/rack'",
    '',
    "XRay.recorder.configure({ name: 'my-service' })",
    'use XRay::Rack::Middleware',
    "run ->(_env) { [200, {}, ['hello']] }",
  ]],
  ['rust', 'Rust', 'cargo add fluoro-sdk', [
    'use fluoro_sdk::{Config, Recorder};',
    '',
    'let recorder = Recorder::new(Config::from_env("my-service")?)?;',
    'let segment = recorder.begin();',
    'segment.annotate("tier", "gold");',
    'drop(segment); // Ended, and sent.',
  ]],
]; // prettier-ignore

/** Credentials that a program wants to have, although nobody looks at them. */
const KEYS = 'AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any';

function daemon({ api }: Doors): Step[] {
  return [
    {
      say: 'config',
      text: `# xray.yaml\nVersion: 2\nEndpoint: "${api}"\nRegion: "us-east-1"\nLocalMode: true`,
    },
    { say: 'run', text: `${KEYS} xray -c xray.yaml` },
  ];
}

function adot({ api }: Doors): Step[] {
  const config = [
    '# collector.yaml',
    'receivers:',
    '  awsxray:',
    '    endpoint: 0.0.0.0:2000',
    '    proxy_server:',
    '      endpoint: 0.0.0.0:2000',
    `      aws_endpoint: ${api}`,
    '      region: us-east-1',
    '      local_mode: true',
    '  otlp:',
    '    protocols:',
    '      grpc:',
    '      http:',
    'exporters:',
    '  awsxray:',
    `    endpoint: ${api}`,
    '    region: us-east-1',
    '    local_mode: true',
    'service:',
    '  pipelines:',
    '    traces:',
    '      receivers: [awsxray, otlp]',
    '      exporters: [awsxray]',
  ];
  return [
    { say: 'config', text: config.join('\n') },
    { say: 'run', text: `${KEYS} aws-otel-collector --config collector.yaml` },
  ];
}

function agent({ api }: Doors): Step[] {
  const traces = {
    traces: {
      traces_collected: {
        xray: { bind_address: '127.0.0.1:2000', tcp_proxy: { bind_address: '127.0.0.1:2000' } },
      },
      endpoint_override: api,
      region_override: 'us-east-1',
      local_mode: true,
    },
  };
  return [{ say: 'config', text: JSON.stringify(traces, null, 2) }];
}

function otlp({ api }: Doors): Step[] {
  return [{ say: 'address', text: `export OTEL_EXPORTER_OTLP_ENDPOINT=${api}` }];
}
