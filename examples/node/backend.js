// The back-end: greets whoever asks, after some thought.

import http from "node:http";
import xray from "aws-xray-sdk-core";

http.createServer((request, response) => {
  const caller = xray.utils.processTraceData(request.headers["x-amzn-trace-id"]);
  const segment = new xray.Segment("node-back-end", caller.root, caller.parent);
  segment.addIncomingRequestData(new xray.middleware.IncomingRequestData(request));
  setTimeout(() => {
    response.end("Hello.\n");
    segment.http.close(response);
    segment.close();
  }, 20 + Math.random() * 40);
}).listen(8001, "127.0.0.1");
