//! Finds the engine's program, inlined in the page or beside it, and compiles it once for all workers.

use js_sys::{Array, Promise, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Document, ReadableStreamDefaultReader, ReadableWritablePair, Response,
    Url, Worker, WorkerOptions, window,
};

use crate::engine::base64;

/// Where the single file keeps the text of `engine.js` followed by `engine_worker.js`.
const INLINE_SCRIPT: &str = "auditglass-engine-js";
/// Where the single file keeps the module: base64 of its gzip.
const INLINE_MODULE: &str = "auditglass-engine-wasm";
/// Where the hosted page finds the same, relative to the document's base address.
const HOSTED_SCRIPT: &str = "engine_worker.js";
const HOSTED_MODULE: &str = "engine_bg.wasm";

// All browsers have it; web-sys counts it as unstable still.
#[wasm_bindgen]
extern "C" {
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// The engine's program: what it takes to start a worker within milliseconds.
#[derive(Clone)]
pub(crate) struct Program {
    module: WebAssembly::Module,
    script: String,
}

impl Program {
    /// Starts a worker of this name and hands it the module. It answers `Ready` when it runs.
    pub(crate) fn start(&self, name: &str) -> Result<Worker, String> {
        let options = WorkerOptions::new();
        options.set_name(name);
        let worker = Worker::new_with_options(&self.script, &options).map_err(|e| describe(&e))?;
        worker
            .post_message(&self.module)
            .map_err(|e| describe(&e))?;
        Ok(worker)
    }
}

/// Whether this page carries its engine inside itself and so never makes a request.
pub(crate) fn is_single_file() -> bool {
    document().is_some_and(|d| {
        d.get_element_by_id(INLINE_SCRIPT).is_some() && d.get_element_by_id(INLINE_MODULE).is_some()
    })
}

/// Loads and compiles the engine.
pub(crate) async fn load() -> Result<Program, String> {
    let document = document().ok_or("there is no document")?;
    let inlined = |id| {
        document
            .get_element_by_id(id)
            .and_then(|e| e.text_content())
    };
    match (inlined(INLINE_SCRIPT), inlined(INLINE_MODULE)) {
        (Some(script), Some(module)) => load_inlined(&script, &module).await,
        _ => load_hosted(&document).await.map_err(|e| describe(&e)),
    }
}

async fn load_inlined(script: &str, module: &str) -> Result<Program, String> {
    let packed = base64::decode(module).ok_or("the engine inside this file is damaged")?;
    let bytes = inflate(&packed).await.map_err(|e| describe(&e))?;
    let module = compile(&bytes).await.map_err(|e| describe(&e))?;
    let script = script_url(script).map_err(|e| describe(&e))?;
    Ok(Program { module, script })
}

/// The address of a script made from `text`. It is needed for as long as workers are started, so it is never revoked.
fn script_url(text: &str) -> Result<String, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    Url::create_object_url_with_blob(&blob)
}

/// Gzip undone by the browser's own streams: a policy of `connect-src 'none'` has no say in them.
async fn inflate(packed: &[u8]) -> Result<Uint8Array, JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(packed)))?;
    // It is a pair of streams, under the names that are expected of one.
    let gunzip: ReadableWritablePair = DecompressionStream::new("gzip")?.unchecked_into();
    let stream = blob.stream().pipe_through(&gunzip);
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let parts = Array::new();
    loop {
        let step = JsFuture::from(reader.read()).await?;
        if Reflect::get(&step, &"done".into())?.is_truthy() {
            break;
        }
        parts.push(&Reflect::get(&step, &"value".into())?);
    }
    let whole = Blob::new_with_u8_array_sequence(&parts)?;
    Ok(Uint8Array::new(
        &JsFuture::from(whole.array_buffer()).await?,
    ))
}

async fn compile(bytes: &JsValue) -> Result<WebAssembly::Module, JsValue> {
    JsFuture::from(WebAssembly::compile(bytes))
        .await?
        .dyn_into()
}

async fn load_hosted(document: &Document) -> Result<Program, JsValue> {
    let base = document.base_uri()?.unwrap_or_default();
    let script = Url::new_with_base(HOSTED_SCRIPT, &base)?.href();
    let address = Url::new_with_base(HOSTED_MODULE, &base)?.href();
    let window = window().ok_or_else(|| JsValue::from_str("there is no window"))?;
    let response: Response = JsFuture::from(window.fetch_with_str(&address))
        .await?
        .dyn_into()?;
    if !response.ok() {
        let status = response.status();
        return Err(format!("the server answered {status} for {address}").into());
    }
    let answered = Promise::resolve(&JsValue::from(response));
    let streamed = JsFuture::from(WebAssembly::compile_streaming(&answered)).await;
    let module = match streamed {
        Ok(module) => module.dyn_into()?,
        // A server that does not know the MIME type of WebAssembly makes streaming fail; the bytes are the same.
        Err(_) => {
            let again: Response = JsFuture::from(window.fetch_with_str(&address))
                .await?
                .dyn_into()?;
            compile(&JsFuture::from(again.array_buffer()?).await?).await?
        }
    };
    Ok(Program { module, script })
}

fn document() -> Option<Document> {
    window()?.document()
}

/// What a JavaScript exception says.
pub(crate) fn describe(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|m| m.as_string())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
