'use strict';

// Sends one trace with the X-Ray SDK for Node.js and prints its ids as one JSON line.
//
// An Express application opens and closes its segments with the SDK's middleware, and serves one
// request to itself. Its handler annotates the segment, calls a database that answers, and a
// function that throws; the exception travels on to Express, which answers 500. So the segment
// holds what the SDK makes of a real request, and of the error both where it was thrown and where
// it arrived.
//
//   send.js              the request says `Sampled=1`; nobody is asked for sampling rules
//   send.js --sampler    sampled by a rule the SDK fetched from the daemon; prints its name too
//
// Environment: AWS_XRAY_DAEMON_ADDRESS, FLUORO_TEST_PREFIX.

const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');
const AWSXRay = require('aws-xray-sdk-core');
const AWSXRayExpress = require('aws-xray-sdk-express');
const express = require('express');

const RULE_WAIT_MS = 12_000;

const prefix = process.env.FLUORO_TEST_PREFIX;
const name = `${prefix}-node`;
const bySampler = process.argv.includes('--sampler');

/** The segment of the last request; the middleware makes one even for a request not sampled. */
let segment;

function order(request, response) {
  segment = AWSXRay.getSegment();
  segment.setUser(`${prefix}-user`);
  segment.addAnnotation('prefix', prefix);
  segment.addAnnotation('city', 'Zürich 東京 🚲');
  segment.addAnnotation('items', 3);
  segment.addAnnotation('total', 12.5);
  segment.addAnnotation('express', true);
  segment.addMetadata('order', { lines: [{ sku: 'a-1', count: 2 }, { sku: 'ü', count: 1 }],
    note: null, gift: false }, 'shop');
  segment.addMetadata('plain', 'in the default namespace');
  AWSXRay.captureFunc('DynamoDB', (call) => {
    call.namespace = 'aws';
    call.addAttribute('aws',
      { operation: 'GetItem', table_name: 'orders', region: 'eu-central-1' });
  });
  AWSXRay.captureFunc('charge card', () => {
    throw new RangeError('card declined: größer als das Limit');
  });
  response.send('unreachable');
}

function application() {
  const app = express();
  app.use(AWSXRayExpress.openSegment(name));
  app.get('/orders/:id', order);
  app.use(AWSXRayExpress.closeSegment());
  // Express recognizes an error handler by its four parameters.
  app.use((error, request, response, _next) => response.status(500).send('failed'));
  return app;
}

/** Requests an order from ourselves and waits for the whole answer. */
function requestOrder(port, headers) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/orders/17?gift=no', agent: false,
      headers: { 'user-agent': 'fluoro-test/1', ...headers } };
    http.get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

/**
 * Requests until a fetched rule has decided to sample; false if none did in time.
 *
 * No request is made before the rules are there, since the SDK's built-in ones would let the first
 * one pass. The SDK does not say when that is, but the sampler answers with a name from then on.
 */
async function requestByRule(port) {
  const sampler = AWSXRay.middleware.sampler;
  const deadline = Date.now() + RULE_WAIT_MS;
  let hasRules = false;
  while (Date.now() < deadline) {
    hasRules ||= typeof sampler.shouldSample({ serviceName: name }) === 'string';
    if (hasRules) {
      await requestOrder(port, {});
      if (!segment.notTraced) return true;
    }
    await sleep(50);
  }
  return false;
}

async function main() {
  const server = application().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address();
  const sampled = bySampler
    ? await requestByRule(port)
    : await requestOrder(port, { 'x-amzn-trace-id': 'Sampled=1' }).then(() => true);
  server.close();
  if (!sampled) throw new Error(`no fetched rule sampled a request within ${RULE_WAIT_MS} ms`);
  console.log(JSON.stringify({ trace_id: segment.trace_id, segment_id: segment.id,
    name: segment.name, rule: segment.aws.xray.rule_name }));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
