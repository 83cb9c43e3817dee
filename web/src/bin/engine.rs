//! The worker: the engine behind its protocol.

fn main() {
    auditglass_web::engine::worker::run();
}
