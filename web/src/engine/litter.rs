//! Makes a browser collect the buffers that it handed out.
//!
//! A buffer of a megabyte weighs a few bytes in the heap that JavaScript's collector watches. A worker that reads a file, and
//! makes nothing else there, therefore had hundreds of megabytes of buffers that nobody held any more.

use js_sys::Array;

/// Elements of an array that is made and dropped: 64 to 128 KB, so that some tens of them have the young objects
/// collected, and with them the buffers. That takes less than a millisecond.
const ELEMENTS: u32 = 16_384;

/// To be called for each buffer of up to a megabyte that came from the browser.
pub(super) fn drop_some() {
    drop(Array::new_with_length(ELEMENTS));
}
