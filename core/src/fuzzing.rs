//! Doors for the fuzzer; no part of the façade.

pub use crate::ingest::dump::statement_ends;

use crate::canon::Canonicalizer;

/// `json.dumps(json.loads(text), sort_keys=True)`, or the exception.
///
/// # Errors
///
/// Where `json.loads` raises.
pub fn canonicalize_json(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    match Canonicalizer::default().write(text, &mut out) {
        Ok(_) => Ok(out),
        Err(e) => Err(e.explain(text)),
    }
}
