//! Notices a worker's end, however it came: the worker holds a lock that the page waits for.
//!
//! A browser says nothing when a worker is simply gone, and one that is gone looks like one in the middle of a long
//! query. But it gives a dead worker's locks (Web Locks API) to whoever waits for them. Where the page may not use locks,
//! the watchdog is left.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::window;

/// Calls `gone` when the worker that holds the lock `name` has ended. To be called once it does hold it.
pub(crate) fn watch(name: &str, gone: impl FnOnce() + 'static) {
    // web-sys counts the interface as unstable still.
    let ask = || -> Result<Promise, JsValue> {
        let navigator = window().ok_or(JsValue::NULL)?.navigator();
        let locks = Reflect::get(&navigator, &"locks".into())?;
        let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
        // Granted, it is let go of at once.
        let granted = Closure::once_into_js(gone);
        request.call2(&locks, &name.into(), &granted)?.dyn_into()
    };
    if let Ok(waiting) = ask() {
        // A refusal, as for a page without an origin, is no news of the worker.
        let refused = Closure::<dyn FnMut(JsValue)>::once_into_js(|_: JsValue| {});
        if let Some(refused) = refused.dyn_ref::<Function>() {
            let _ = Reflect::get(&waiting, &"catch".into())
                .and_then(JsCast::dyn_into::<Function>)
                .and_then(|catch| catch.call1(&waiting, refused));
        }
    }
}
