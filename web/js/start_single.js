// Starts the single file. It stands behind the text of `app.js` in one inline module, so `__wbg_init` is that file's
// initialiser. The module's bytes lie in the document, gzipped, as base64: nothing is fetched, not even a data URL.
{
  const text = document.getElementById("auditglass-app-wasm").textContent.trim();
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(inflated).arrayBuffer();
  await __wbg_init({ module_or_path: bytes });
}
