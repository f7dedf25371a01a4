// The front-end: asks the back-end once a second, and says what it answered.

import http from "node:http";
import xray from "aws-xray-sdk-core";

// Every call becomes a subsegment and takes the trace along.
const traced = xray.captureHTTPs(http);
xray.middleware.disableCentralizedSampling();

function ask() {
  const segment = new xray.Segment("node-front-end");
  segment.addAnnotation("language", "javascript");
  const end = (said, problem) => {
    console.log(segment.trace_id, said);
    segment.close(problem);
  };
  xray.getNamespace().run(() => {
    xray.setSegment(segment);
    traced.get("http://127.0.0.1:8001/", (answer) => {
      let body = "";
      answer.on("data", (part) => { body += part; });
      answer.on("end", () => end(body.trim()));
    }).on("error", (problem) => end(problem.message, problem));
  });
}

setInterval(ask, 1000);
