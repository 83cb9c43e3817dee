//! The page of Auditglass and the worker that carries its engine.
//!
//! Two programs share this library: `app`, the page, and `engine`, which runs in dedicated workers. They speak through
//! [`protocol`] and through nothing else. A page may carry any number of viewers: [`mount`] keeps no global state.

mod civil;
pub mod engine;
#[expect(
    unreachable_pub,
    reason = "Leptos gives every component an inner item that is `pub`"
)]
mod features;
mod format;
mod look;
pub mod protocol;
mod sample;
mod state;
#[expect(
    unreachable_pub,
    reason = "Leptos gives every component an inner item that is `pub`"
)]
mod widgets;

// The unit tests run where the page runs. Each module of them names `wasm_bindgen_test` as `test`, which natively is `test`.
#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Puts a viewer into `element` and leaves it there for as long as the page lives.
pub fn mount(element: HtmlElement) {
    mount_to(element, features::Page).forget();
}

/// Mounts a viewer where the document wants it: on `#auditglass`, else on the body.
pub fn mount_page() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("Auditglass page: {info}").into());
    }));
    let document = document();
    let place = document
        .get_element_by_id("auditglass")
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
        .or_else(|| document.body());
    if let Some(element) = place {
        mount(element);
    }
}
