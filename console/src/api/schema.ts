// The console's endpoints, out of docs/console-api.json: `npm run types` writes it.
export interface paths {
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
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description The program. */
    Build: {
      version: string;
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
      build: components['schemas']['Build'];
      memory: components['schemas']['Memory'];
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
      store: components['schemas']['Stored'];
      /** @description What daemons report, the one heard last first, at most 200. */
      telemetry: components['schemas']['IngestDaemon'][];
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
    /** @description The memory budget. Units: bytes. */
    Memory: {
      /** Format: int64 */
      max: number;
      /** Format: int64 */
      used: number;
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
    /** @description What is kept. */
    Stored: {
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
    /** @description The values of a field, those of most traces first. */
    Values: {
      /** @description False when there may be others of more traces. */
      exact: boolean;
      values: components['schemas']['FieldValue'][];
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
          'application/json': components['schemas']['Values'];
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
}
