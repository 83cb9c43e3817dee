// DuckDB's own worker, with its memory counted.
importScripts('memories.js', '/packages/@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js');
