// SQLite in a worker: takes a database into its memory and runs queries. Only the first value of each answer is told, but
// all rows are read.
import './memories.js';
import init from '/packages/@sqlite.org/sqlite-wasm/dist/index.mjs';

const PIECE = 16 << 20;
let db = null;

async function open(file) {
  const sqlite = await init();
  const { wasm, capi } = sqlite;
  const place = wasm.alloc(file.size);
  for (let at = 0; at < file.size; at += PIECE) {
    const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    wasm.heap8u().set(bytes, Number(place) + at);
  }
  db = new sqlite.oo1.DB();
  const code = capi.sqlite3_deserialize(
    db.pointer, 'main', place, file.size, file.size, capi.SQLITE_DESERIALIZE_FREEONCLOSE,
  );
  if (code !== 0) throw new Error(`sqlite3_deserialize: ${code}`);
  db.exec('SELECT count(*) FROM sqlite_schema');
}

onmessage = async ({ data }) => {
  try {
    if (data.file) {
      await open(data.file);
      postMessage({ answers: [] });
      return;
    }
    const answers = data.queries.map((sql) => {
      const rows = db.exec({ sql, returnValue: 'resultRows', rowMode: 'array' });
      return rows.length > 0 ? Number(rows[0][0]) : null;
    });
    postMessage({ answers });
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
};
