// Auditglass engine worker: waits for the compiled module, starts it, and leaves the rest to it.
//
// A classic script, so that the same text works from a URL (hosted page) and from a Blob (single file). In the single
// file the text of `engine.js` stands before this one; hosted, it is loaded here.
"use strict";

if (typeof wasm_bindgen === "undefined") {
  importScripts("engine.js");
}

// A lock of this worker's own name, held for as long as it lives: the browser then gives it to the page, which waits for
// it. Nothing else tells a page that a worker is gone.
if (self.name && self.navigator.locks) {
  self.navigator.locks
    .request(self.name, () => {
      self.postMessage(['{"answer":"holding"}']);
      return new Promise(() => {});
    })
    .catch(() => {});
}

// The first message is the compiled WebAssembly.Module, shared by all workers of a page. Instantiating it runs the
// engine's `main`, which puts its own message handler in place of this one and answers "ready".
self.onmessage = (event) => {
  self.onmessage = null;
  wasm_bindgen.initSync({ module: event.data });
};
