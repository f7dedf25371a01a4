'use strict';

// Reads answers with the AWS SDK for JavaScript and prints what it made of them, as JSON.
//
//   read.js OPERATIONS
//
// OPERATIONS is a file with the name of an operation on each line. Each is called once, in this
// order, with nothing asked: whoever listens at FLUORO_ENDPOINT answers them in the same order.
// Printed is a list of what the parser handed on, with times in seconds, or {"code": …} of the
// exception.
//
// Environment: FLUORO_ENDPOINT.

const fs = require('node:fs');
const sdk = require('@aws-sdk/client-xray');

const client = new sdk.XRayClient({
  endpoint: process.env.FLUORO_ENDPOINT,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
});

async function read(operation) {
  try {
    const { $metadata, ...answer } = await client.send(new sdk[`${operation}Command`]({}));
    return plain(answer);
  } catch (error) {
    if (!(error instanceof sdk.XRayServiceException)) throw error;
    return { code: error.name };
  }
}

/** Times become seconds; the rest is JSON already. */
function plain(value) {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

async function main() {
  const operations = fs.readFileSync(process.argv[2], 'utf8').split('\n');
  const answers = [];
  for (const operation of operations) answers.push(await read(operation));
  console.log(JSON.stringify(answers));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
