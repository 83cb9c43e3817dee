//! Work in turns: between two of them the worker hears what has come, messages and pieces of files.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageChannel, MessagePort};

/// What has `work` carried out behind the messages that wait already, and again for as long as it returns true. A message
/// to itself comes sooner than a timer would.
pub(super) fn turns(work: impl FnMut() -> bool + 'static) -> Rc<dyn Fn()> {
    let Ok(channel) = MessageChannel::new() else {
        // Every browser with workers has them. Where there is none, all the work is one turn.
        let work = RefCell::new(work);
        return Rc::new(move || while work.borrow_mut()() {});
    };
    let (here, there) = (channel.port1(), channel.port2());
    // One turn at a time is due: a second one would only wait for the first.
    let is_due = Rc::new(Cell::new(false));
    let to_self = {
        let is_due = Rc::clone(&is_due);
        move |port: &MessagePort| {
            if !is_due.replace(true) {
                // It fails for no message that is null.
                let _ = port.post_message(&JsValue::NULL);
            }
        }
    };
    let handler = {
        let (there, to_self, mut work) = (there.clone(), to_self.clone(), work);
        Closure::<dyn FnMut()>::new(move || {
            is_due.set(false);
            if work() {
                to_self(&there);
            }
        })
    };
    here.set_onmessage(Some(handler.as_ref().unchecked_ref()));
    // It is carried out for as long as the worker lives.
    handler.forget();
    Rc::new(move || to_self(&there))
}
