// The console's endpoints, out of docs/console-api.json: `npm run types` writes it.
export interface paths {
  '/console/api/analytics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Compares sets of traces. */
    post: operations['analytics'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/fields': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says what can be asked of the traces of a window. */
    get: operations['fields'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/fields/values': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says which values a field has. */
    get: operations['fieldValues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/filter/parse': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Says what there is to say of a filter expression. */
    post: operations['parseFilter'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/groups/preview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Says what a group with this filter would have. */
    post: operations['previewGroup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/histogram': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Counts by how long it took. */
    post: operations['histogram'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/info': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says what this server is. */
    get: operations['info'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/ingest': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says what comes in. */
    get: operations['ingest'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/links': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Gives a page a key; always the same one, as long as it is kept. */
    post: operations['createLink'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tells what comes in, until the reader goes away or the server stops. */
    get: operations['live'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/map/extra': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Returns what a map shows beyond the graph. */
    post: operations['mapExtra'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/map/graph': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Returns the service graph of the traces that match. */
    post: operations['mapGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/map/labels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Says what the nodes of a map belong to. */
    post: operations['mapLabels'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/map/layout/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the layout of this key. */
    get: operations['layout'];
    /** Replaces the layout of this key, or makes one; `If-Match` says which version is replaced. */
    put: operations['putLayout'];
    post?: never;
    /** Removes the layout of this key. */
    delete: operations['deleteLayout'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/openapi.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says what endpoints there are. */
    get: operations['openapi'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/retention': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says how long traces are kept. */
    get: operations['retention'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/sampling/dryrun': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Tries sampling rules on the traces of a window. */
    post: operations['dryRunSampling'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/traces/{id}/typical': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Finds a trace of the same entry point that went well and took neither long nor short. */
    get: operations['typical'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/traces/aggregate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Puts traces together by what they have in common. */
    post: operations['aggregate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/traces/count': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Says how many traces there are, and when the newest one began. */
    post: operations['count'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/traces/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Finds traces and sorts them; all that match are counted. */
    post: operations['search'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/traces/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Counts traces by when they began. */
    post: operations['series'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/views': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns all views. */
    get: operations['views'];
    put?: never;
    /** Makes a view. */
    post: operations['createView'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/views/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Changes a view. */
    put: operations['updateView'];
    post?: never;
    /** Deletes a view. */
    delete: operations['deleteView'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/api/xray/{operation}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Calls an operation of the public API; body and answer are as there. */
    post: operations['xray'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/console/l/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Leads to the page that has this key. */
    get: operations['followLink'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description Traces by when they began. */
    Activity: {
      a: number[];
      all: number[];
      b: number[] | null;
      /**
       * Format: int64
       * @description Units: microseconds since the epoch.
       */
      start: number;
      /**
       * Format: int64
       * @description Of a step. Units: microseconds.
       */
      width: number;
    };
    /** @description Which traces, and by what they are put together. */
    Aggregate: components['schemas']['Scope'] & {
      /**
       * @description `url` (ids taken out), `rawUrl`, `method`, `status`, `clientIp`, `userAgent`, `user`,
       *     `service`, `entry`, `edge`, `cause`, `exception`, `faultPath`, `errorPath`, `slowPath`,
       *     `zone`, `instance`, `arn` or `annotation:KEY`.
       */
      by: string;
      /** @description Another window, to compare with. */
      compare?: components['schemas']['Window'];
      /** @description Groups that are wanted, 1 to 500; 20 unless said otherwise. */
      limit?: number;
      /** @description Only groups whose key has this in it, in whatever case. */
      search?: string;
    };
    /** @description Traces by what they have in common. */
    Aggregated: {
      /** @description False when something could not be read, or there are too many groups to tell all apart. */
      exact: boolean;
      /** @description The largest first. */
      groups: components['schemas']['AggregatedGroup'][];
      /** @description Those without such a key. */
      none: components['schemas']['Measures'];
      others: components['schemas']['Others'];
      /** @description All traces, each once. */
      total: components['schemas']['Measures'];
    };
    /** @description The traces of one key. */
    AggregatedGroup: {
      /**
       * @description The filter expression that picks them; empty when there is none. That of a template may pick
       *     others, too.
       */
      filter: string;
      /**
       * @description What they have in common. A node is `name~type`, an edge two of them with ` → ` between, a path
       *     any number of them.
       */
      key: string;
      measures: components['schemas']['Measures'];
      previous: components['schemas']['Measures'] | null;
    };
    /** @description Which traces, which of them, and what of them. */
    Analytics: components['schemas']['Scope'] & {
      /** @description A filter expression: those of the traces that are the set A. */
      a?: string;
      /** @description When those of A began; whenever, if absent. */
      aWindow?: components['schemas']['Window'];
      /** @description A filter expression: those that are the set B. There is none without it and without a window. */
      b?: string | null;
      /** @description When those of B began. */
      bWindow?: components['schemas']['Window'];
      /** @description Whether to say what is different in A. */
      differences?: boolean;
      /** @description Which times are drawn and measured; response times unless said otherwise. */
      measure?: components['schemas']['MeasuredTime'];
      /** @description Tables that are wanted, as `by` of an aggregate; at most 24. */
      tables?: string[];
    };
    /** @description What there is to say behind everything else. */
    AnalyticsEnd: {
      /** @description False when something could not be read, or there are too many groups to tell all apart. */
      exact: boolean;
      /**
       * Format: int64
       * @description Traces that were looked at.
       */
      scanned: number;
    };
    /** @description A line of the answer. `b` is null when there is no set B. */
    AnalyticsLine:
      | {
          progress: components['schemas']['Done'];
        }
      | {
          sets: components['schemas']['Sets'];
        }
      | {
          distribution: components['schemas']['Distribution'];
        }
      | {
          activity: components['schemas']['Activity'];
        }
      | {
          heatmap: components['schemas']['Heatmap'];
        }
      | {
          table: components['schemas']['CountTable'];
        }
      | {
          differences: components['schemas']['Difference'][];
        }
      | {
          end: components['schemas']['AnalyticsEnd'];
        }
      | {
          error: components['schemas']['Error'];
        };
    /** @description What took from so long to not so long. Units: microseconds. */
    Bucket: {
      /** Format: int64 */
      error: number;
      /** Format: int64 */
      fault: number;
      /** Format: int64 */
      from: number;
      /** Format: int64 */
      ok: number;
      /** Format: int64 */
      throttle: number;
      /** Format: int64 */
      to: number;
    };
    /** @description Where something began to fail. */
    Cause: {
      /** @description The type of what was thrown there. */
      exception: string | null;
      message: string | null;
      service: components['schemas']['NodeName'];
    };
    /** @description Something that may stand at the position. */
    CompletionItem: {
      /** @description What it means, in a line. */
      detail: string | null;
      kind: components['schemas']['CompletionKind'];
      /** @description How it is written. In a snippet `${…}` stands for what is to be filled in. */
      text: string;
    };
    /**
     * @description What an item is.
     * @enum {string}
     */
    CompletionKind: 'keyword' | 'operator' | 'value' | 'snippet' | 'function';
    /** @description How many traces there are. */
    Count: {
      /** @description False when something could not be read. */
      exact: boolean;
      /**
       * Format: int64
       * @description The start of the newest one, in the window or not. Units: microseconds since the epoch.
       */
      latest: number | null;
      /**
       * Format: int64
       * @description Those in the window.
       */
      total: number;
    };
    /** @description The groups that are not shown. */
    CountOthers: components['schemas']['Counts'] & {
      /** Format: int64 */
      groups: number;
    };
    /** @description One group. */
    CountRow: components['schemas']['Counts'] & {
      filter: string;
      /** @description As of an aggregate. */
      key: string;
    };
    /** @description How many traces, and how many of them are in each set. */
    Counts: {
      /** Format: int64 */
      a: number;
      /** Format: int64 */
      all: number;
      /** Format: int64 */
      b: number | null;
    };
    /** @description Traces by what they have in common. */
    CountTable: {
      by: string;
      /** @description Traces without such a key. */
      none: components['schemas']['Counts'];
      /** @description The groups that are not shown, added up. */
      others: components['schemas']['CountOthers'];
      /** @description The largest first, at most 50. */
      rows: components['schemas']['CountRow'][];
    };
    /** @description A group whose share of A is not its share of the rest. */
    Difference: {
      /**
       * Format: int64
       * @description Traces of the group in A.
       */
      a: number;
      /**
       * Format: int64
       * @description All of A.
       */
      aTotal: number;
      by: string;
      /** @description Picks the group. */
      filter: string;
      key: string;
      /**
       * Format: double
       * @description How many times as large its share of A is; null when the rest has none.
       */
      lift: number | null;
      /**
       * Format: double
       * @description How likely chance alone makes such a difference, corrected for how many were looked at.
       */
      pValue: number;
      /**
       * Format: int64
       * @description Traces of the group that are not in A.
       */
      rest: number;
      /**
       * Format: int64
       * @description All that are not in A.
       */
      restTotal: number;
    };
    /** @description Response times on a logarithmic axis. */
    Distribution: {
      a: number[];
      all: number[];
      b: number[] | null;
      /** @description One more than there are counts; empty when no trace has a response time. Units: microseconds. */
      edges: number[];
    };
    /** @description How far it is. */
    Done: {
      /**
       * Format: int64
       * @description Traces that were looked at.
       */
      done: number;
      /**
       * Format: int64
       * @description Of how many; null when that is not known.
       */
      of: number | null;
    };
    /** @description Rules to be tried. */
    DryRunRequest: {
      /**
       * Format: int64
       * @description The earliest start. Units: microseconds since the epoch.
       */
      from: number;
      /**
       * @description All rules that there would be, as `CreateSamplingRule` takes them; `Default` as it is when it
       *     is not among them.
       */
      rules: Record<string, never>[];
      /**
       * Format: int64
       * @description The latest start, itself included. Units: microseconds since the epoch.
       */
      to: number;
    };
    /** @description What they would have done. */
    DryRunResponse: {
      /** @description False when there are more traces than were looked at, or something could not be read. */
      exact: boolean;
      /** @description What these numbers are, and what they are not. */
      note: string;
      /**
       * Format: int64
       * @description Traces that were looked at.
       */
      requests: number;
      /** @description In the order in which they are tried. */
      rules: components['schemas']['DryRunRule'][];
      /** @description Those of most requests first. */
      services: components['schemas']['DryRunService'][];
    };
    /** @description What a rule would have done. */
    DryRunRule: {
      /**
       * Format: double
       * @description How many of them it would have kept.
       */
      kept: number;
      /**
       * Format: int64
       * @description Requests that would have met it.
       */
      matched: number;
      name: string;
      /** @description The rule in front of it that leaves it nothing to match. */
      shadowedBy: string | null;
    };
    /** @description What would have become of the requests of one service. */
    DryRunService: {
      /**
       * Format: double
       * @description How many of them the present rules keep.
       */
      keptNow: number;
      /**
       * Format: double
       * @description How many the rules of the request would have kept.
       */
      keptThen: number;
      /** Format: int64 */
      requests: number;
      /** @description The service at which they began; empty when that is not known. */
      service: string;
    };
    /** @description An edge of the service graph. */
    EdgeName: {
      from: components['schemas']['NodeName'];
      to: components['schemas']['NodeName'];
    };
    /** @description Where the server listens. */
    Endpoints: {
      http: string | null;
      tcp: string | null;
      udp: string | null;
    };
    /** @description Why a request was not answered. */
    Error: {
      /** @description What went wrong, as a word that does not change. */
      code: string;
      /** @description The member of the request that it is about. */
      field?: string;
      /** @description What went wrong, in words. */
      message: string;
      /** @description Where in that member, in UTF-16 units. */
      offset?: number;
      /** @description The request, as the log knows it. */
      requestId: string;
    };
    /**
     * @description What kind of value a field has.
     * @enum {string}
     */
    FieldKind: 'text' | 'number' | 'boolean' | 'time' | 'flag' | 'node';
    /** @description Something that can be asked of a trace. */
    FieldName: {
      /** @description What it is, in a line. */
      detail: string;
      kind: components['schemas']['FieldKind'];
      /** @description As it is written in an expression. */
      name: string;
      /**
       * Format: int64
       * @description The traces that have it, where that was counted.
       */
      traces: number | null;
    };
    /** @description What can be asked of traces. */
    Fields: {
      /** @description The words of the language, then the annotations of the window, those of most traces first. */
      fields: components['schemas']['FieldName'][];
    };
    /** @description A value of a field. */
    FieldValue: {
      /** @description As it is written in an expression. */
      text: string;
      /**
       * Format: int64
       * @description The traces that have it, where that was counted.
       */
      traces: number | null;
      /** @description The value. */
      value: string;
    };
    /** @description The values of a field, those of most traces first. */
    FieldValues: {
      /** @description False when there may be others of more traces. */
      exact: boolean;
      values: components['schemas']['FieldValue'][];
    };
    /** @description Traces by when they began and how long they took. */
    Heatmap: {
      a: number[][];
      /** @description Of each step, the counts between the edges. */
      all: number[][];
      /** @description As of the distribution. */
      edges: number[];
      /**
       * Format: int64
       * @description Units: microseconds since the epoch.
       */
      start: number;
      /**
       * Format: int64
       * @description Of a step. Units: microseconds.
       */
      width: number;
    };
    /** @description How long things took. Units: microseconds. */
    HistogramAnswer: {
      /** @description At most 60, each as wide as the one before on a logarithmic axis. */
      buckets: components['schemas']['Bucket'][];
      /** @description False when not all traces were looked at, or something could not be read. */
      exact: boolean;
      /** Format: int64 */
      p50: number | null;
      /** Format: int64 */
      p95: number | null;
      /** Format: int64 */
      p99: number | null;
      /**
       * Format: int64
       * @description How many were counted: traces, segments or calls.
       */
      total: number;
    };
    /** @description Which traces, and what of them. */
    HistogramRequest: components['schemas']['Scope'] & {
      /** @description The calls of this edge instead of whole traces, as the caller sees them. */
      edge?: components['schemas']['EdgeName'];
      /** @description The segments of this node instead of whole traces. */
      node?: components['schemas']['NodeName'];
    };
    /** @description What this server is. */
    Info: {
      endpoints: components['schemas']['Endpoints'];
      /** @description The endpoints there are, as their paths below `/console/api/`. */
      features: string[];
      limits: components['schemas']['Limits'];
      /**
       * Format: int64
       * @description The server's clock. Units: microseconds since the epoch.
       */
      now: number;
      version: string;
    };
    /** @description The program. */
    IngestBuild: {
      version: string;
    };
    /** @description What a daemon counted. */
    IngestDaemon: {
      /** @description Where it runs: its host's name, or its instance. */
      host: string | null;
      /** Format: int64 */
      lastSeen: number;
      /** Format: int64 */
      received: number;
      /** Format: int64 */
      rejected: number;
      /** Format: int64 */
      sent: number;
      /** Format: int64 */
      spilled: number;
      /** @description Always null: daemons do not say. */
      version: string | null;
    };
    /** @description The memory budget. Units: bytes. */
    IngestMemory: {
      /** Format: int64 */
      max: number;
      /** Format: int64 */
      used: number;
    };
    /** @description Where documents wait. */
    IngestQueue: {
      /**
       * Format: int64
       * @description Documents that were dropped there.
       */
      dropped: number;
      /** Format: int64 */
      length: number;
      /**
       * Format: int64
       * @description How long it may be; null when only memory limits it.
       */
      max: number | null;
      name: string;
      /** @description What is counted: `documents`, `bytes` or `batches`. */
      unit: string;
    };
    /** @description A document that was refused. */
    IngestRejection: {
      /** Format: int64 */
      at: number;
      /** @description What the sender was answered. */
      code: string;
      /** @description Its first 300 characters, without what looks secret. */
      document: string;
      /** @description What is wrong, in words. */
      message: string;
      source: string;
      traceId: string | null;
    };
    /** @description An SDK. */
    IngestSender: {
      /** Format: int64 */
      documents: number;
      /** Format: int64 */
      lastSeen: number;
      /** @description Its name, empty when documents do not say. */
      sdk: string;
      /** @description Its version, empty when documents do not say. */
      version: string;
    };
    /** @description One way in. */
    IngestSource: {
      /**
       * Format: int64
       * @description Their bytes.
       */
      bytes: number;
      /**
       * Format: int64
       * @description Documents that came.
       */
      documents: number;
      /**
       * Format: int64
       * @description Those that were refused for what is wrong with them.
       */
      rejected: number;
      source: string;
    };
    /** @description What comes in, since the server began. Times are in microseconds since the epoch. */
    IngestStatus: {
      build: components['schemas']['IngestBuild'];
      memory: components['schemas']['IngestMemory'];
      queues: components['schemas']['IngestQueue'][];
      /**
       * @description The newest documents that were refused, at most 100, the newest first; of one second at most
       *     20.
       */
      rejections: components['schemas']['IngestRejection'][];
      /** @description SDKs, the one heard last first, at most 200. */
      senders: components['schemas']['IngestSender'][];
      /**
       * Format: int64
       * @description When the server began.
       */
      since: number;
      sources: components['schemas']['IngestSource'][];
      store: components['schemas']['IngestStore'];
      /** @description What daemons report, the one heard last first, at most 200. */
      telemetry: components['schemas']['IngestDaemon'][];
    };
    /** @description What is kept. */
    IngestStore: {
      /** Format: int64 */
      blocks: number;
      /**
       * Format: int64
       * @description Bytes of the blocks and of the log.
       */
      bytes: number;
      /**
       * Format: int64
       * @description The newest start of a trace.
       */
      newest: number | null;
      /**
       * Format: int64
       * @description The oldest start of a trace.
       */
      oldest: number | null;
      /** Format: int64 */
      traces: number;
      /**
       * Format: int64
       * @description Blocks that cannot be read; what is in them is missing from every answer.
       */
      unreadableBlocks: number;
    };
    /** @description What a node belongs to. */
    Label: components['schemas']['NodeName'] & {
      label: string;
    };
    /** @description Which traces, and by what their nodes are put together. */
    Labelling: components['schemas']['Scope'] & {
      /** @description `group` or `annotation:KEY`. */
      by: string;
    };
    /** @description What the nodes are put together by. */
    Labels: {
      /** @description False when they are of some of the traces only, or something could not be read. */
      exact: boolean;
      /** @description By name and type; nodes without a label are not among them. */
      labels: components['schemas']['Label'][];
    };
    /** @description Where the nodes of one map stand. */
    Layout: {
      /** @description By `name~type`. */
      nodes: {
        [key: string]: components['schemas']['Place'];
      };
      /**
       * Format: int64
       * @description Grows with each change, and stands in the `ETag`; what a request says here is not read.
       */
      version?: number;
    };
    /** @description How much one request may ask. */
    Limits: {
      /** @description Tables of one analysis. */
      analyticsTables: number;
      /** @description Bytes of a filter expression. */
      filterBytes: number;
      /** @description Traces of which a filtered graph is made. */
      graphTraces: number;
      /** @description Groups of one table. */
      groups: number;
      /** @description Rows of one page of a search. */
      searchRows: number;
    };
    /** @description The key of a page: `/console/l/{key}` leads there. */
    Link: {
      key: string;
    };
    /** @description The events of the stream, by their names. */
    LiveEvents: {
      hello: components['schemas']['LiveHello'];
      insight: components['schemas']['LiveInsight'];
      tick: components['schemas']['LiveTick'];
      trace: components['schemas']['TraceRow'];
    };
    /** @description What is sent first. */
    LiveHello: {
      /**
       * Format: int64
       * @description The server's clock. Units: microseconds since the epoch.
       */
      now: number;
    };
    /** @description What is sent when an insight begins, changes or is over. */
    LiveInsight: {
      /** @description The group's name. */
      group: string;
      id: string;
      /** @description `ACTIVE` or `CLOSED`. */
      state: string;
      summary: string;
    };
    /** @description What is sent with every look: what came in since the one before. */
    LiveTick: {
      /**
       * Format: int64
       * @description Documents that were kept, of all traces.
       */
      documents: number;
      /** @description Traces that match and were not sent because there were too many. */
      dropped: number;
      /** @description False when there were more. */
      exact: boolean;
      /**
       * Format: int64
       * @description The server's clock. Units: microseconds since the epoch.
       */
      now: number;
      /**
       * Format: int64
       * @description Documents that were refused for what is wrong with them.
       */
      rejected: number;
      /** @description Traces that match and are new or have grown. */
      traces: number;
    };
    /** @description What a map shows of nodes beyond the graph. */
    MapExtra: {
      /** @description False when it is of some of the traces only, or something could not be read. */
      exact: boolean;
      nodes: components['schemas']['NodeExtra'][];
    };
    /** @description A service graph. */
    MapGraph: {
      /** @description False when it is of some of them only, or something could not be read. */
      exact: boolean;
      /** @description As `GetServiceGraph` answers them. */
      services: Record<string, never>[];
      /**
       * Format: int64
       * @description How many traces match.
       */
      total: number;
      /**
       * Format: int64
       * @description Of how many traces it is.
       */
      traces: number;
    };
    /**
     * @description Which time of a trace is measured.
     * @enum {string}
     */
    MeasuredTime: 'responseTime' | 'duration';
    /**
     * @description Counts and response times of some traces. Each counts once: a fault before a throttle before an
     *     error. Units: microseconds.
     */
    Measures: {
      /** Format: int64 */
      average: number | null;
      /** Format: int64 */
      error: number;
      /** Format: int64 */
      fault: number;
      /** Format: int64 */
      max: number | null;
      /** Format: int64 */
      min: number | null;
      /** Format: int64 */
      ok: number;
      /**
       * Format: int64
       * @description Good to two percent, as the other percentiles.
       */
      p50: number | null;
      /** Format: int64 */
      p95: number | null;
      /** Format: int64 */
      p99: number | null;
      /** Format: int64 */
      throttle: number;
      /**
       * Format: int64
       * @description Those that have a response time.
       */
      timed: number;
      /** Format: int64 */
      traces: number;
    };
    /** @description A page that is to have a short key. */
    NewLink: {
      /** @description The page, below `/console/`, with what it is asked. */
      path: string;
    };
    /** @description What a view is to be. */
    NewView: {
      /** @description What it is called, at most 100 characters. */
      name: string;
      /** @description The page, below `/console/`, with what it is asked. */
      path: string;
    };
    /** @description What a map shows of a node beyond the graph. Units: microseconds. */
    NodeExtra: components['schemas']['NodeName'] & {
      /**
       * Format: int64
       * @description The traces in which a fault began here.
       */
      faultOrigins: number;
      /**
       * Format: int64
       * @description When the first trace of the window began that it took part in, since the epoch.
       */
      firstSeen: number;
      /**
       * Format: int64
       * @description Of what its callers waited for; null on clients.
       */
      p50: number | null;
      /** Format: int64 */
      p95: number | null;
      /** Format: int64 */
      p99: number | null;
    };
    /** @description A node of the service graph. */
    NodeName: {
      name: string;
      /** @description Its type; `client` for clients, empty when it is not known. */
      type?: string;
    };
    /** @description The groups that are not shown. */
    Others: {
      /** Format: int64 */
      groups: number;
      measures: components['schemas']['Measures'];
    };
    /** @description What may stand at the position. */
    ParseCompletion: {
      /**
       * Format: int32
       * @description Where what an item takes the place of begins: the word or text begun.
       */
      from: number;
      items: components['schemas']['CompletionItem'][];
      /** @description What of a value is begun, without its quote. */
      prefix: string;
      /** Format: int32 */
      to: number;
      /** @description The field whose values may stand there: `GET fields/values` knows them. */
      valuesOf: string | null;
    };
    /** @description A change of the text. */
    ParseFix: {
      /** Format: int32 */
      from: number;
      /** @description What takes the place. */
      text: string;
      /** Format: int32 */
      to: number;
    };
    /** @description One thing that is wrong. */
    ParseProblem: {
      fix: components['schemas']['ParseFix'] | null;
      /** Format: int32 */
      from: number;
      message: string;
      /** Format: int32 */
      to: number;
    };
    /** @description An expression, perhaps on its way. */
    ParseRequest: {
      /**
       * Format: int32
       * @description Where the cursor is, if it is to be said what may stand there. Units: UTF-16.
       */
      position?: number;
      text: string;
    };
    /** @description What there is to say of an expression. Places are in units of UTF-16, as JavaScript counts. */
    ParseResponse: {
      /** @description The expression as it is usually written, empty for an empty text; null when it has problems. */
      canonical: string | null;
      completion: components['schemas']['ParseCompletion'] | null;
      /** @description What is wrong with it. */
      problems: components['schemas']['ParseProblem'][];
      /** @description Whether traces must be put together to tell whether they fit: their summaries do not say. */
      slow: boolean;
      /** @description The terms that must all hold; none when there are problems. Each is an expression. */
      terms: components['schemas']['ParseTerm'][];
      /** @description The words, signs and values, in their order. */
      tokens: components['schemas']['ParseToken'][];
    };
    /** @description A term. */
    ParseTerm: {
      /** Format: int32 */
      from: number;
      text: string;
      /** Format: int32 */
      to: number;
    };
    /** @description A word, a sign or a value. */
    ParseToken: {
      /** Format: int32 */
      from: number;
      kind: components['schemas']['ParseTokenKind'];
      /** Format: int32 */
      to: number;
    };
    /**
     * @description What a piece of the text is.
     * @enum {string}
     */
    ParseTokenKind:
      | 'keyword'
      | 'function'
      | 'key'
      | 'operator'
      | 'logic'
      | 'text'
      | 'number'
      | 'flag'
      | 'sign'
      | 'unknown';
    /** @description Where a node stands. */
    Place: {
      /** @description Whether somebody put it there. */
      pinned?: boolean;
      /** Format: double */
      x: number;
      /** Format: double */
      y: number;
    };
    /** @description What the group would have. */
    Preview: {
      /** @description False when something could not be read. */
      exact: boolean;
      /**
       * Format: int64
       * @description The start of the newest trace that the filter matches, in the window or not. Units:
       *     microseconds since the epoch.
       */
      latest: number | null;
      /**
       * Format: int64
       * @description The traces of the window that the filter matches.
       */
      matched: number;
      /**
       * Format: int64
       * @description All traces of the window.
       */
      total: number;
    };
    /** @description A filter on its way to be a group's. */
    PreviewRequest: {
      filter: string;
      /**
       * Format: int64
       * @description The earliest start. Units: microseconds since the epoch.
       */
      from: number;
      /**
       * Format: int64
       * @description The latest start, itself included. Units: microseconds since the epoch.
       */
      to: number;
    };
    /** @description What is kept of one day, in UTC. */
    RetentionDay: {
      /** Format: int64 */
      bytes: number;
      /**
       * Format: int64
       * @description When it begins. Units: microseconds since the epoch.
       */
      day: number;
      /** Format: int64 */
      traces: number;
    };
    /** @description How long traces are kept. It is set in the config file, or by the flags of the same names. */
    RetentionStatus: {
      /** @description What is kept in blocks, the oldest day first. */
      byDay: components['schemas']['RetentionDay'][];
      /**
       * Format: int64
       * @description Blocks are removed while all together are larger: `retention-bytes`; null when that is all
       *     the same.
       */
      bytesMax: number | null;
      /**
       * Format: double
       * @description How long a trace is kept: `retention`; null for ever.
       */
      days: number | null;
      /**
       * Format: double
       * @description How long a trace with a fault is kept: `retention-faults`; null when as long as the others.
       */
      faultDays: number | null;
    };
    /** @description How far a search is. */
    Scanned: {
      /**
       * Format: int64
       * @description Those among them that match.
       */
      matched: number | null;
      /**
       * Format: int64
       * @description Traces that were looked at.
       */
      scanned: number;
    };
    /** @description Which traces are meant: those that began in a window and pass a filter. */
    Scope: {
      /** @description A filter expression. */
      filter?: string;
      /**
       * Format: int64
       * @description The earliest start. Units: microseconds since the epoch.
       */
      from: number;
      /** @description The name of a group, whose present filter must hold, too. */
      group?: string;
      /**
       * Format: int64
       * @description The latest start, itself included. Units: microseconds since the epoch.
       */
      to: number;
    };
    /** @description Which traces, and in which order. */
    Search: components['schemas']['Scope'] & {
      /** @description The cursor that the page before ended with. */
      after?: string;
      /** @description By what they are sorted; the start unless said otherwise. */
      by?: components['schemas']['SearchBy'];
      /** @description The longest or newest first. */
      descending?: boolean;
      /** @description Rows that are wanted, 1 to 500; 100 unless said otherwise. */
      limit?: number;
    };
    /**
     * @description By what traces are sorted. Those without it come last.
     * @enum {string}
     */
    SearchBy: 'start' | 'duration' | 'responseTime';
    /** @description What there is to say behind the last row. */
    SearchEnd: {
      /** @description What to send as `after` for the next page; null when there is none. */
      cursor: string | null;
      /** @description False when something could not be read. */
      exact: boolean;
      /**
       * Format: int64
       * @description Traces that were looked at.
       */
      scanned: number;
      /**
       * Format: int64
       * @description All traces that match, on all pages.
       */
      total: number;
      /**
       * Format: int64
       * @description Blocks that could not be read.
       */
      unreadableBlocks: number;
    };
    /** @description A line of the answer. */
    SearchLine:
      | {
          progress: components['schemas']['Scanned'];
        }
      | {
          row: components['schemas']['TraceRow'];
        }
      | {
          end: components['schemas']['SearchEnd'];
        }
      | {
          error: components['schemas']['Error'];
        };
    /** @description Traces by when they began. */
    Series: {
      /** @description False when something could not be read. */
      exact: boolean;
      /**
       * Format: int64
       * @description Where the first step begins. Units: microseconds since the epoch.
       */
      start: number;
      /** @description Every step of the window, at most 200. */
      steps: components['schemas']['Step'][];
      /**
       * Format: int64
       * @description Units: microseconds.
       */
      width: number;
    };
    /** @description Which traces, and how wide a step is. */
    SeriesRequest: components['schemas']['Scope'] & {
      /**
       * Format: int64
       * @description Wider when there would be more than 200 steps. Units: microseconds.
       */
      width?: number;
    };
    /** @description What is measured of each set. */
    Sets: {
      a: components['schemas']['Measures'];
      b: components['schemas']['Measures'] | null;
      retrieved: components['schemas']['Measures'];
    };
    /**
     * @description The worst that is true of a root segment: a fault before a throttle before an error.
     * @enum {string}
     */
    Status: 'ok' | 'error' | 'throttle' | 'fault';
    /** @description The traces of one step. Units: microseconds. */
    Step: {
      /**
       * Format: int64
       * @description Where it begins, since the epoch.
       */
      at: number;
      /** Format: int64 */
      error: number;
      /** Format: int64 */
      fault: number;
      /** Format: int64 */
      ok: number;
      /** Format: int64 */
      p50: number | null;
      /** Format: int64 */
      p95: number | null;
      /** Format: int64 */
      p99: number | null;
      /** Format: int64 */
      throttle: number;
    };
    /** @description One trace in short. Units: microseconds; the start since the epoch. */
    TraceRow: {
      annotations: {
        [key: string]: unknown[];
      };
      cause: components['schemas']['Cause'] | null;
      clientIp: string | null;
      /**
       * Format: int64
       * @description First start to last end; null while anything is unfinished.
       */
      duration: number | null;
      entry: components['schemas']['NodeName'] | null;
      hasError: boolean;
      hasFault: boolean;
      hasThrottle: boolean;
      /** Format: int64 */
      httpStatus: number | null;
      id: string;
      isPartial: boolean;
      method: string | null;
      /** @description How many nodes took part, clients not counted. */
      nodes: number;
      /**
       * Format: int64
       * @description How long the root segment took.
       */
      responseTime: number | null;
      /** Format: int64 */
      start: number;
      status: components['schemas']['Status'];
      url: string | null;
      userAgent: string | null;
      users: string[];
    };
    /** @description A trace to compare with. */
    Typical: {
      by: components['schemas']['TypicalBy'];
      /** @description Null when there is none. */
      id: string | null;
      /**
       * Format: int64
       * @description Of how many it is the typical one.
       */
      of: number;
    };
    /**
     * @description What the traces have in common of which one is typical.
     * @enum {string}
     */
    TypicalBy: 'url' | 'entry';
    /** @description A page under a name. */
    View: {
      /**
       * Format: int64
       * @description When it was made. Units: microseconds since the epoch.
       */
      created: number;
      id: string;
      name: string;
      /** @description The page, below `/console/`, with what it is asked. */
      path: string;
      /**
       * Format: int64
       * @description When it was last changed. Units: microseconds since the epoch.
       */
      updated: number;
    };
    /** @description All views, by name. */
    Views: {
      views: components['schemas']['View'][];
    };
    /** @description A window of time. Units: microseconds since the epoch, both ends included. */
    Window: {
      /** Format: int64 */
      from: number;
      /** Format: int64 */
      to: number;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  analytics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Analytics'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': components['schemas']['AnalyticsLine'];
        };
      };
    };
  };
  fields: {
    parameters: {
      query: {
        /** @description The earliest start. Units: microseconds since the epoch. */
        from: number;
        /** @description The latest start, itself included. Units: microseconds since the epoch. */
        to: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Fields'];
        };
      };
    };
  };
  fieldValues: {
    parameters: {
      query: {
        /** @description The earliest start. Units: microseconds since the epoch. */
        from: number;
        /** @description How many are wanted: 20 when it is not said, at most 500. */
        limit?: number;
        /** @description The field, as it is written in an expression; `name` and `type` for those of nodes. */
        name: string;
        /** @description What they begin with; those that have it elsewhere come last. Case does not count. */
        prefix?: string;
        /** @description The latest start, itself included. Units: microseconds since the epoch. */
        to: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FieldValues'];
        };
      };
    };
  };
  parseFilter: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ParseRequest'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ParseResponse'];
        };
      };
    };
  };
  previewGroup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PreviewRequest'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Preview'];
        };
      };
    };
  };
  histogram: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['HistogramRequest'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HistogramAnswer'];
        };
      };
    };
  };
  info: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Info'];
        };
      };
    };
  };
  ingest: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IngestStatus'];
        };
      };
    };
  };
  createLink: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewLink'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Link'];
        };
      };
    };
  };
  live: {
    parameters: {
      query?: {
        /** @description A filter expression. */
        filter?: string;
        /** @description The name of a group, whose present filter must hold, too. */
        group?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': components['schemas']['LiveEvents'];
        };
      };
    };
  };
  mapExtra: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Scope'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MapExtra'];
        };
      };
    };
  };
  mapGraph: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Scope'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MapGraph'];
        };
      };
    };
  };
  mapLabels: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Labelling'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Labels'];
        };
      };
    };
  };
  layout: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description At most 128 letters, digits and `-_.~:,`. */
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Layout'];
        };
      };
    };
  };
  putLayout: {
    parameters: {
      query?: never;
      header?: {
        /** @description Absent when there is none yet. */
        'If-Match'?: string | null;
      };
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Layout'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Layout'];
        };
      };
    };
  };
  deleteLayout: {
    parameters: {
      query?: never;
      header?: {
        'If-Match'?: string | null;
      };
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  openapi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  retention: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RetentionStatus'];
        };
      };
    };
  };
  dryRunSampling: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['DryRunRequest'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DryRunResponse'];
        };
      };
    };
  };
  typical: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Typical'];
        };
      };
    };
  };
  aggregate: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Aggregate'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Aggregated'];
        };
      };
    };
  };
  count: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Scope'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Count'];
        };
      };
    };
  };
  search: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Search'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': components['schemas']['SearchLine'];
        };
      };
    };
  };
  series: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SeriesRequest'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Series'];
        };
      };
    };
  };
  views: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Views'];
        };
      };
    };
  };
  createView: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewView'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['View'];
        };
      };
    };
  };
  updateView: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['NewView'];
      };
    };
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['View'];
        };
      };
    };
  };
  deleteView: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  xray: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Its name, as in `GetTraceSummaries`. */
        operation: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': Record<string, never>;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  followLink: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      '4XX': {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
      303: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
}
