// The console's endpoints, out of docs/console-api.json: `npm run types` writes it.
export interface paths {
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
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
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
