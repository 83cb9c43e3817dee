//! Workers beside the engine's: they make chunks canonical and hash them, and read entries again for a search. They see
//! nothing but the bytes that they are sent, and the files of the case.
//!
//! A port leads from the engine to each. A task is an array of a ticket and an `ArrayBuffer`, which changes hands, and so is
//! what comes back; the files of another case are an array of a JSON text and the files.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use auditglass::{Alone, Crew, Helper, OpenOptions};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, MessageEvent, MessagePort};

use super::ahead::{is_behind, wake_by};
use super::blob::inputs;
use crate::engine::litter;
use crate::engine::turns::turns;

/// Tasks that a helper has at most: the one it works on, and those that it takes up before the engine next hears of it.
const EACH: usize = 4;

/// The engine's hold on its helpers.
#[derive(Default)]
pub(super) struct Helpers {
    ports: RefCell<Vec<Port>>,
    /// What came back, by ticket.
    answers: RefCell<BTreeMap<u64, Vec<u8>>>,
    /// The ticket of the next task, and the first one whose answer is still awaited.
    next: Cell<u64>,
    first: Cell<u64>,
    /// The files of the case, as they were handed on.
    files: RefCell<Option<Array>>,
    /// To be called when something has come back.
    wake: RefCell<Option<Rc<dyn Fn()>>>,
}

struct Port {
    port: MessagePort,
    /// Tasks that have not come back yet.
    busy: usize,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Helpers {
    /// Calls `wake` from now on whenever a task has come back.
    pub(super) fn wake_by(&self, wake: Rc<dyn Fn()>) {
        *self.wake.borrow_mut() = Some(wake);
    }

    /// Takes on the helpers at the other ends of these ports.
    pub(super) fn take_on(self: &Rc<Self>, ports: Vec<MessagePort>) {
        for port in ports {
            let (helpers, place) = (Rc::downgrade(self), self.ports.borrow().len());
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if let (Some(helpers), Some((ticket, bytes))) =
                    (helpers.upgrade(), read_task(&event.data()))
                {
                    helpers.answered(place, ticket, bytes);
                }
            });
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            if let Some(files) = &*self.files.borrow() {
                // It fails only if the other end is gone, which the page notices.
                let _ = port.post_message(files);
            }
            self.ports.borrow_mut().push(Port {
                port,
                busy: 0,
                _on_message: on_message,
            });
        }
    }

    /// Begins with another case, which was opened from these files.
    pub(super) fn begin(&self, files: &[File], paths: &[Option<String>], options: OpenOptions) {
        self.forget();
        let what = Handed {
            paths: paths.to_vec(),
            options,
        };
        let Ok(text) = serde_json::to_string(&what) else {
            return;
        };
        let message = Array::of1(&JsValue::from_str(&text));
        for file in files {
            message.push(file);
        }
        for port in self.ports.borrow().iter() {
            let _ = port.port.post_message(&message);
        }
        *self.files.borrow_mut() = Some(message);
    }

    /// Whatever is still away is no longer awaited.
    pub(super) fn forget(&self) {
        self.first.set(self.next.get());
        self.answers.borrow_mut().clear();
    }

    fn answered(&self, place: usize, ticket: u64, bytes: Vec<u8>) {
        if let Some(port) = self.ports.borrow_mut().get_mut(place) {
            port.busy = port.busy.saturating_sub(1);
        }
        if ticket >= self.first.get() {
            self.answers.borrow_mut().insert(ticket, bytes);
        }
        let wake = self.wake.borrow().clone();
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl Crew for Helpers {
    fn join(&self, here: &mut dyn FnMut(), helper: &(dyn Fn() + Sync)) {
        Alone.join(here, helper);
    }

    fn workers(&self) -> usize {
        self.ports.borrow().len()
    }

    fn is_free(&self, worker: usize) -> bool {
        let ports = self.ports.borrow();
        ports.get(worker).is_some_and(|port| port.busy < EACH)
    }

    fn send(&self, worker: usize, task: Vec<u8>) -> u64 {
        let ticket = self.next.get();
        self.next.set(ticket + 1);
        if let Some(port) = self.ports.borrow_mut().get_mut(worker) {
            port.busy += 1;
            post(&port.port, ticket, &task);
        }
        ticket
    }

    fn receive(&self, ticket: u64) -> Option<Vec<u8>> {
        self.answers.borrow_mut().remove(&ticket)
    }
}

/// Makes this worker a helper of the engine at the other end of `port`.
pub(super) fn help(port: &MessagePort) {
    let mut helper = Helper::default();
    let waiting = Rc::new(RefCell::new(VecDeque::<JsValue>::new()));
    let answer_to = port.clone();
    // A turn a task: what is read ahead for the next one comes in between.
    let again = turns({
        let waiting = Rc::clone(&waiting);
        move || {
            if is_behind() {
                return false;
            }
            let next = waiting.borrow_mut().pop_front();
            let Some(message) = next else { return false };
            if let Some((ticket, task)) = read_task(&message) {
                post(&answer_to, ticket, &helper.work(&task));
            } else if let Some(new) = read_files(&message) {
                helper = new;
            }
            !waiting.borrow().is_empty()
        }
    });
    wake_by(Rc::clone(&again));
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        waiting.borrow_mut().push_back(event.data());
        again();
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It helps for as long as it lives.
    on_message.forget();
}

fn post(port: &MessagePort, ticket: u64, bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    let message = Array::of2(&JsValue::from_str(&ticket.to_string()), &buffer);
    // It fails only if the other end is gone, which the page notices.
    let _ = port.post_message_with_transferable(&message, &Array::of1(&buffer));
}

fn read_task(message: &JsValue) -> Option<(u64, Vec<u8>)> {
    let parts = message.dyn_ref::<Array>()?;
    let buffer: ArrayBuffer = parts.get(1).dyn_into().ok()?;
    let ticket = parts.get(0).as_string()?.parse().ok()?;
    litter::drop_some();
    Some((ticket, Uint8Array::new(&buffer).to_vec()))
}

/// How files are to be opened, when they are handed on to a helper.
#[derive(Serialize, Deserialize)]
struct Handed {
    paths: Vec<Option<String>>,
    options: OpenOptions,
}

/// A helper with the files of another case; without any, if they cannot be had here.
fn read_files(message: &JsValue) -> Option<Helper> {
    let parts = message.dyn_ref::<Array>()?;
    let handed: Handed = serde_json::from_str(&parts.get(0).as_string()?).ok()?;
    let files = parts.iter().filter_map(|f| f.dyn_into().ok()).collect();
    let inputs = inputs(files, &handed.paths).unwrap_or_default();
    Some(Helper::with_files(inputs, handed.options))
}
