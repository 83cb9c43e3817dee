// Runs before a program's own script, in a page or in a worker: keeps hold of every memory of WebAssembly, and tells how
// long they are together to whoever asks on a channel. The browser's own count of a page's memory leaves them out.
(() => {
  const memories = new Set();
  const keep = (things) => {
    for (const thing of Object.values(things ?? {})) {
      if (thing instanceof WebAssembly.Memory) memories.add(thing);
    }
  };
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, given) {
      const memory = new target(...given);
      memories.add(memory);
      return memory;
    },
  });
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, given) {
      const instance = new target(...given);
      keep(instance.exports);
      return instance;
    },
  });
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await real.apply(WebAssembly, given);
      keep((made.instance ?? made).exports);
      return made;
    };
  }
  const channel = new BroadcastChannel('memories');
  channel.onmessage = ({ data }) => {
    if (data !== 'how much?') return;
    let bytes = 0;
    for (const memory of memories) bytes += memory.buffer.byteLength;
    channel.postMessage(bytes);
  };

  // The bytes of this page's and its workers' programs: all that answer within a moment, which a worker that is not busy does.
  globalThis.count_programs = () => new Promise((resolve) => {
    let bytes = 0;
    for (const memory of memories) bytes += memory.buffer.byteLength;
    const asking = new BroadcastChannel('memories');
    asking.onmessage = ({ data }) => { if (typeof data === 'number') bytes += data; };
    asking.postMessage('how much?');
    setTimeout(() => { asking.close(); resolve(bytes); }, 1000);
  });
})();
