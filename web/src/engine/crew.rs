//! Workers beside the engine's: they make chunks canonical and hash them, and see nothing but the bytes they are sent.
//!
//! A port leads from the engine to each. A message is an array of a ticket and an `ArrayBuffer`, which changes hands.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use auditglass::{Alone, Crew, hash_chunk};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort};

/// Chunks that a helper has at most: the one it works on, and the one it takes up next.
const EACH: usize = 2;

/// The engine's hold on its helpers.
#[derive(Default)]
pub(super) struct Helpers {
    ports: RefCell<Vec<Port>>,
    /// What came back, by ticket.
    answers: RefCell<BTreeMap<u64, Vec<u8>>>,
    /// Raised with each verification, so that what was sent for an earlier one is told apart.
    round: Cell<u32>,
    /// To be called when something has come back.
    wake: RefCell<Option<Rc<dyn Fn()>>>,
}

struct Port {
    port: MessagePort,
    /// Chunks that have not come back yet.
    busy: usize,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Helpers {
    /// Calls `wake` from now on whenever a chunk has come back.
    pub(super) fn wake_by(&self, wake: Rc<dyn Fn()>) {
        *self.wake.borrow_mut() = Some(wake);
    }

    /// Takes on the helpers at the other ends of these ports.
    pub(super) fn take_on(self: &Rc<Self>, ports: Vec<MessagePort>) {
        for port in ports {
            let (helpers, place) = (Rc::downgrade(self), self.ports.borrow().len());
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if let (Some(helpers), Some((ticket, bytes))) =
                    (helpers.upgrade(), read(&event.data()))
                {
                    helpers.answered(place, ticket, bytes);
                }
            });
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            self.ports.borrow_mut().push(Port {
                port,
                busy: 0,
                _on_message: on_message,
            });
        }
    }

    /// Begins another verification: answers that belong to an earlier one are dropped.
    pub(super) fn begin(&self) {
        self.round.set(self.round.get().wrapping_add(1));
        self.answers.borrow_mut().clear();
    }

    fn answered(&self, place: usize, ticket: Ticket, bytes: Vec<u8>) {
        if let Some(port) = self.ports.borrow_mut().get_mut(place) {
            port.busy = port.busy.saturating_sub(1);
        }
        if ticket.round == self.round.get() {
            self.answers.borrow_mut().insert(ticket.number, bytes);
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

    fn is_free(&self) -> bool {
        self.ports.borrow().iter().any(|port| port.busy < EACH)
    }

    fn send(&self, number: u64, chunk: Vec<u8>) {
        let mut ports = self.ports.borrow_mut();
        let round = self.round.get();
        if let Some(port) = ports.iter_mut().min_by_key(|port| port.busy) {
            port.busy += 1;
            post(&port.port, Ticket { round, number }, &chunk);
        }
    }

    fn receive(&self, number: u64) -> Option<Vec<u8>> {
        self.answers.borrow_mut().remove(&number)
    }
}

/// Makes this worker a helper of the engine at the other end of `port`.
pub(super) fn help(port: &MessagePort) {
    let answer_to = port.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some((ticket, chunk)) = read(&event.data()) {
            post(&answer_to, ticket, &hash_chunk(&chunk));
        }
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It helps for as long as it lives.
    on_message.forget();
}

/// What tells a chunk from all others.
#[derive(Clone, Copy)]
struct Ticket {
    round: u32,
    number: u64,
}

fn post(port: &MessagePort, ticket: Ticket, bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    let message = Array::of3(
        &ticket.round.into(),
        &JsValue::from_str(&ticket.number.to_string()),
        &buffer,
    );
    // It fails only if the other end is gone, which the page notices.
    let _ = port.post_message_with_transferable(&message, &Array::of1(&buffer));
}

fn read(message: &JsValue) -> Option<(Ticket, Vec<u8>)> {
    let parts = message.dyn_ref::<Array>()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was a u32 when it was sent"
    )]
    let round = parts.get(0).as_f64()? as u32;
    let number = parts.get(1).as_string()?.parse().ok()?;
    let buffer: ArrayBuffer = parts.get(2).dyn_into().ok()?;
    Some((Ticket { round, number }, Uint8Array::new(&buffer).to_vec()))
}
