// The page on which a rival is measured: loads a file into it, and asks it questions in SQL. A question's time is the
// page's, from asking to the answer of its last query, as it is for the engine.
const rivals = {
  // SQLite in a worker of its own, the database in its memory.
  async sqlite(file) {
    const worker = new Worker('sqlite_worker.js', { type: 'module' });
    const call = (message) => new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.answers));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(message);
    });
    await call({ file });
    return (queries) => call({ queries });
  },

  // DuckDB in its own worker, its program from its package, a table of its own.
  async duckdb(file, prepare) {
    const duckdb = await import('/packages/@duckdb/duckdb-wasm/dist/duckdb-browser.mjs');
    const dist = new URL('/packages/@duckdb/duckdb-wasm/dist/', location.href).href;
    const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker('duckdb_worker.js'));
    await db.instantiate(`${dist}duckdb-eh.wasm`);
    await db.open({ path: ':memory:', query: { castBigIntToDouble: true } });
    await db.registerFileHandle('log.csv', file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
    const connection = await db.connect();
    for (const query of prepare) await connection.query(query);
    await db.dropFile('log.csv');
    return async (queries) => {
      const answers = [];
      for (const query of queries) {
        const table = await connection.query(query);
        answers.push(table.numRows > 0 ? Number(table.getChildAt(0).get(0)) : null);
      }
      return answers;
    };
  },
};

let ask = null;
window.state = null;
const told = (promise) => promise.then(
  (value) => { window.state = value; },
  (error) => { window.state = { error: String(error?.message ?? error) }; },
);

window.load = (name, prepare) => {
  window.state = null;
  const began = performance.now();
  const [file] = document.getElementById('file').files;
  told(rivals[name](file, prepare).then((rival) => {
    ask = rival;
    return { ms: performance.now() - began };
  }));
};

window.ask = (queries) => {
  window.state = null;
  const began = performance.now();
  told(ask(queries).then((answers) => ({ ms: performance.now() - began, first: answers[0] ?? null })));
};
