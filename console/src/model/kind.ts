// What kind of thing a service is, for its picture, and what it is called where there is little room.

export const KINDS = [
  'client', 'http', 'sql', 'nosql', 'cache', 'queue', 'topic', 'function', 'container', 'vm', 'gateway', 'storage',
  'search', 'stream', 'llm', 'group', 'unknown',
] as const; // prettier-ignore
export type Kind = (typeof KINDS)[number];

/** The first that fits counts. */
const PATTERNS: [RegExp, Kind][] = [
  [/^client$/, 'client'],
  [/^group$/, 'group'],
  [/dynamodb|mongo|cassandra|documentdb|keyspaces|neptune/i, 'nosql'],
  [/elasticache|redis|memcache|::dax/i, 'cache'],
  [/database|rds|sql|aurora|redshift|oracle|mysql|postgres/i, 'sql'],
  [/sqs|queue|::mq|rabbit/i, 'queue'],
  [/sns|eventbridge|::events|topic/i, 'topic'],
  [/kinesis|kafka|msk|firehose|stream/i, 'stream'],
  [/lambda|function|step/i, 'function'],
  [/ecs|eks|container|kubernetes|fargate|apprunner/i, 'container'],
  [/ec2|beanstalk|instance|onprem/i, 'vm'],
  [/apigateway|appsync|elasticload|cloudfront|gateway|loadbalanc/i, 'gateway'],
  [/s3|efs|::backup|storage/i, 'storage'],
  [/search|elasticsearch|kendra/i, 'search'],
  [/bedrock|sagemaker|openai|llm/i, 'llm'],
  [/remote|http/i, 'http'],
];

export function kindOf(type: string): Kind {
  return PATTERNS.find(([pattern]) => pattern.test(type))?.[1] ?? 'unknown';
}

/** Returns the type in the last of its words: `ECS Container`. */
export function typeName(type: string): string {
  return type.split('::').slice(1).join(' ') || type;
}

/** Returns a name without what all of its like begin with: of an address, its last part. */
export function shortName(name: string): string {
  const address = /^https?:\/\/([^/?#]+)([^?#]*)/i.exec(name);
  if (!address) return name;
  const last = (address[2] ?? '').split('/').filter(Boolean).at(-1);
  return last ?? address[1] ?? name;
}
