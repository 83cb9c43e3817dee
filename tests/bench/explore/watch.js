// Runs in the page before its own scripts: notes what the page and its engine say to each other, and when, and how long
// it is from a key to the picture that answers it. The page itself is the shipped one and knows nothing of this.
(() => {
  const Real = window.Worker;
  let measured = null;
  const tag = (text, name) => {
    const found = new RegExp(`"${name}":"?([a-z_0-9]+)`).exec(text);
    return found ? found[1] : null;
  };

  // What is asked last counts: a search before it is none that the reader waits for.
  const note = (data) => {
    if (!Array.isArray(data) || typeof data[0] !== 'string') return;
    const now = performance.now();
    const text = data[0].slice(0, 240);
    const kind = tag(text, 'ask') ?? tag(text, 'answer');
    if (kind === 'opened') window.openedAt = now;
    if (kind === 'progress') window.progressAt = now;
    const m = measured;
    if (m === null) return;
    const search = tag(text, 'search');
    if (kind === 'select') {
      Object.assign(m, { search, select: now, selected: null, rows: null, surveys: 0, all: null, painted: null });
    } else if (search !== null && search === m.search) {
      if (kind === 'selected') {
        m.selected ??= now;
        m.matched ??= Number(/"entries":(\d+)/.exec(text)?.[1] ?? -1);
      } else if (kind === 'rows') {
        if (m.rows === null) painted(m, 'rowsPainted');
        m.rows ??= now;
      } else if (kind === 'surveyed') {
        m.surveys += 1;
      } else {
        return;
      }
      const hasRows = m.rows !== null || m.matched === 0;
      if (m.all === null && m.surveys >= 2 && m.selected !== null && hasRows) {
        m.all = now;
        painted(m, 'painted');
      }
    }
  };

  // The next frame is painted once its callbacks and the tasks that waited for it have run.
  const painted = (m, name) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { m[name] = performance.now(); };
    port2.postMessage(null);
  });

  window.Worker = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', (event) => note(event.data));
    }
    postMessage(message, ...rest) {
      super.postMessage(message, ...rest);
      note(message);
    }
  };

  document.addEventListener('change', () => { window.chosenAt = performance.now(); }, true);
  document.addEventListener('keydown', (event) => {
    if (measured !== null && measured.key === undefined) measured.key = event.timeStamp;
  }, true);

  // What is asked from now on is measured.
  window.begin = () => { measured = {}; };
  // Milliseconds of what was measured; nothing until all of it is there.
  window.measured = () => {
    const m = measured;
    if (m === null || m.painted === undefined || m.painted === null) return null;
    const since = (a, b) => (m[a] == null || m[b] == null ? null : m[a] - m[b]);
    return {
      matched: m.matched, count: since('selected', 'select'), rows: since('rows', 'select'),
      all: since('all', 'select'), painted: since('painted', 'key'), rowsPainted: since('rowsPainted', 'key'),
    };
  };
  // A filter that is pasted: one key, so to speak.
  window.paste = (text) => {
    const bar = document.querySelector('[data-testid="filter"]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(bar, text);
    measured.key = performance.now();
    bar.dispatchEvent(new Event('input', { bubbles: true }));
  };

  // Scrolls from the first row to the last one, a step a frame, and tells how long the frames took.
  window.scroll_all = (steps) => {
    window.scrolled = null;
    const area = document.querySelector('.vlist');
    area.scrollTop = 0;
    const times = [];
    let step = 0;
    let before = null;
    const go = (now) => {
      if (before !== null) times.push(now - before);
      before = now;
      step += 1;
      if (step <= steps) {
        area.scrollTop = (area.scrollHeight - area.clientHeight) * step / steps;
        requestAnimationFrame(go);
      } else {
        window.scrolled = { times, end: performance.now() };
        const wait = () => {
          const rows = [...document.querySelectorAll('[data-testid="row"]')];
          const here = rows.length > 0 && rows.every((row) => row.dataset.row !== undefined);
          if (here) window.scrolled.settled = performance.now() - window.scrolled.end;
          else requestAnimationFrame(wait);
        };
        wait();
      }
    };
    requestAnimationFrame(go);
  };

  // Bytes of the programs' memory, and of JavaScript's as the browser tells them.
  window.ask_memory = async () => {
    window.memory = null;
    const programs = await window.count_programs();
    try {
      const { bytes } = await performance.measureUserAgentSpecificMemory();
      window.memory = programs + bytes;
    } catch {
      window.memory = -1;
    }
  };
})();
