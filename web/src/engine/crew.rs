//! Workers beside the engine's: they make chunks canonical and hash them, and read entries again for a search. They see
//! nothing but the bytes that they are sent, and the files of the case.
//!
//! A port leads from the engine to each. A task is an array of a ticket, an `ArrayBuffer`, which changes hands, and how many of
//! its bytes count, and so is what comes back; the files of another case are an array of a JSON text and the files.
//!
//! The buffers go round: an answer lies in the buffer in which its task came, and the next task in one that came back. Fresh
//! ones cost the system a page fault for each 4 KB.

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
/// Buffers are made in multiples of this, so that the next task finds room in the last one's.
const GRAIN: u32 = 64 * 1024;

/// The engine's hold on its helpers.
#[derive(Default)]
pub(super) struct Helpers {
    ports: RefCell<Vec<Port>>,
    /// What came back, by ticket.
    answers: RefCell<BTreeMap<u64, Vec<u8>>>,
    /// Buffers that came back, as long as there is something under way.
    spare: RefCell<Vec<ArrayBuffer>>,
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
                if let (Some(helpers), Some(answer)) =
                    (helpers.upgrade(), Parcel::read(&event.data()))
                {
                    helpers.answered(place, answer);
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

    fn answered(&self, place: usize, answer: Parcel) {
        let mut ports = self.ports.borrow_mut();
        if let Some(port) = ports.get_mut(place) {
            port.busy = port.busy.saturating_sub(1);
        }
        let is_idle = ports.iter().all(|port| port.busy == 0);
        drop(ports);
        if answer.ticket >= self.first.get() {
            let mut answers = self.answers.borrow_mut();
            answers.insert(answer.ticket, answer.bytes());
        }
        let mut spare = self.spare.borrow_mut();
        match is_idle {
            true => spare.clear(),
            false => spare.push(answer.buffer),
        }
        drop(spare);
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
            Parcel::new(ticket, &task, self.spare.borrow_mut().pop()).post(&port.port);
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
            if let Some(task) = Parcel::read(&message) {
                let answer = helper.work(&task.bytes());
                Parcel::new(task.ticket, &answer, Some(task.buffer)).post(&answer_to);
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

/// A task on its way, or what came of it.
struct Parcel {
    ticket: u64,
    buffer: ArrayBuffer,
    /// How many of the buffer's bytes count.
    len: u32,
}

impl Parcel {
    /// Puts bytes into a buffer; into this one if there is room.
    fn new(ticket: u64, bytes: &[u8], spare: Option<ArrayBuffer>) -> Self {
        // No longer than the memory of a module, which is less than 4 GB.
        #[expect(clippy::cast_possible_truncation)]
        let len = bytes.len() as u32;
        let buffer = spare.filter(|buffer| buffer.byte_length() >= len);
        let buffer = buffer.unwrap_or_else(|| {
            litter::drop_some();
            ArrayBuffer::new(len.checked_next_multiple_of(GRAIN).unwrap_or(len))
        });
        Uint8Array::new_with_byte_offset_and_length(&buffer, 0, len).copy_from(bytes);
        Self {
            ticket,
            buffer,
            len,
        }
    }

    fn read(message: &JsValue) -> Option<Self> {
        let parts = message.dyn_ref::<Array>()?;
        let buffer: ArrayBuffer = parts.get(1).dyn_into().ok()?;
        let ticket = parts.get(0).as_string()?.parse().ok()?;
        // It was written by `post`, from as small a number.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let len = parts.get(2).as_f64()? as u32;
        Some(Self {
            ticket,
            buffer,
            len,
        })
    }

    fn bytes(&self) -> Vec<u8> {
        Uint8Array::new_with_byte_offset_and_length(&self.buffer, 0, self.len).to_vec()
    }

    fn post(self, port: &MessagePort) {
        let ticket = JsValue::from_str(&self.ticket.to_string());
        let message = Array::of3(&ticket, &self.buffer, &JsValue::from(self.len));
        // It fails only if the other end is gone, which the page notices.
        let _ = port.post_message_with_transferable(&message, &Array::of1(&self.buffer));
    }
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
