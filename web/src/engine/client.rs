//! The page's hold on one worker: messages out, replies and its death in.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, ErrorEvent, Event, File, MessageChannel, MessageEvent, MessagePort, Worker};

use crate::engine::boot::{Program, describe};
use crate::engine::lifeline;
use crate::protocol::{Reply, Request};

/// What a worker tells the page.
#[derive(Debug)]
pub(crate) enum Signal {
    /// An answer, and the bytes that came with it.
    Reply(Reply, Option<Blob>),
    /// It is gone; nothing follows.
    Died(String),
}

/// A running worker. Dropping it ends the worker at once, whatever it is doing, and silences it.
pub(crate) struct Client {
    worker: Worker,
    alive: Rc<Cell<bool>>,
    /// Workers that help this one, and end with it.
    helpers: Vec<Self>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Client {
    /// Starts a worker. `listen` hears everything that it says, until it dies or is dropped.
    pub(crate) fn start(
        program: &Program,
        listen: impl Fn(Signal) + 'static,
    ) -> Result<Self, String> {
        let name = unique_name();
        let worker = program.start(&name)?;
        let alive = Rc::new(Cell::new(true));
        let listen = Rc::new(listen);

        let on_message = {
            let (alive, listen) = (Rc::clone(&alive), Rc::clone(&listen));
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if !alive.get() {
                    return;
                }
                match read_reply(&event.data()) {
                    Ok(Reply::Fatal { message }) | Err(message) => {
                        alive.set(false);
                        listen(Signal::Died(message));
                    }
                    Ok(Reply::Holding) => {
                        let (alive, listen) = (Rc::clone(&alive), Rc::clone(&listen));
                        lifeline::watch(&name, move || {
                            if alive.replace(false) {
                                listen(Signal::Died("it ended without a word".into()));
                            }
                        });
                    }
                    Ok(reply) => listen(Signal::Reply(reply, read_blob(&event.data()))),
                }
            })
        };
        let on_error = {
            let alive = Rc::clone(&alive);
            Closure::<dyn Fn(Event)>::new(move |event: Event| {
                // Handled here: nothing is left to be reported on the console.
                event.prevent_default();
                if alive.replace(false) {
                    let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
                    listen(Signal::Died(
                        message.unwrap_or_else(|| "no reason was given".into()),
                    ));
                }
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            alive,
            helpers: Vec::new(),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Starts `count` workers that help this one. Where one of them dies, what it was working on is lost, and so `died`
    /// is told as if it had been this one.
    pub(crate) fn hire(
        &mut self,
        program: &Program,
        count: usize,
        died: impl Fn(String) + Clone + 'static,
    ) -> Result<(), String> {
        let mut ports = Vec::new();
        for _ in 0..count {
            let died = died.clone();
            let helper = Self::start(program, move |signal| {
                if let Signal::Died(message) = signal {
                    died(message);
                }
            })?;
            let channel = MessageChannel::new().map_err(|e| describe(&e))?;
            helper.hand_over(&Request::Help, &[channel.port1()])?;
            ports.push(channel.port2());
            self.helpers.push(helper);
        }
        self.hand_over(&Request::Crew, &ports)
    }

    /// Sends a request and the files it speaks of.
    pub(crate) fn send(&self, request: &Request, files: &[File]) -> Result<(), String> {
        let message = write_request(request, files)?;
        self.worker.post_message(&message).map_err(|e| describe(&e))
    }

    /// Sends a request and ports, which are the worker's from then on.
    fn hand_over(&self, request: &Request, ports: &[MessagePort]) -> Result<(), String> {
        let message = write_request(request, ports)?;
        let ports: Array = ports.iter().collect();
        self.worker
            .post_message_with_transfer(&message, &ports)
            .map_err(|e| describe(&e))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.alive.set(false);
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

/// A name that no other worker has, in this page or in another one of the same origin.
fn unique_name() -> String {
    let random = || (js_sys::Math::random() * f64::from(u32::MAX)).to_bits();
    format!("auditglass-{:x}-{:x}", random(), random())
}

fn write_request(request: &Request, things: &[impl AsRef<JsValue>]) -> Result<Array, String> {
    let text = serde_json::to_string(request).map_err(|e| e.to_string())?;
    let message = Array::of1(&JsValue::from_str(&text));
    for thing in things {
        message.push(thing.as_ref());
    }
    Ok(message)
}

fn read_blob(message: &JsValue) -> Option<Blob> {
    message.dyn_ref::<Array>()?.get(1).dyn_into().ok()
}

fn read_reply(message: &JsValue) -> Result<Reply, String> {
    let text = message
        .dyn_ref::<Array>()
        .and_then(|parts| parts.get(0).as_string());
    let text = text.ok_or("the engine sent a message that is no reply")?;
    serde_json::from_str(&text).map_err(|e| format!("the engine sent a reply that is none: {e}"))
}
