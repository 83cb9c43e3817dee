//! Files whose reads are counted while they are opened, so that a host can show how far it is.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use super::{ByteSource, Input};

/// Who is told, after every read, how many bytes were read in all.
type Tell = Box<dyn FnMut(u64)>;

/// Counts reads until it is ended.
pub(crate) struct Watch {
    tell: RefCell<Option<Tell>>,
    read: Cell<u64>,
}

struct Watched {
    bytes: Box<dyn ByteSource>,
    watch: Rc<Watch>,
}

impl Watch {
    /// Puts one over all files.
    pub(crate) fn over(inputs: &mut Vec<Input>, tell: Tell) -> Rc<Self> {
        let watch = Rc::new(Self {
            tell: RefCell::new(Some(tell)),
            read: Cell::new(0),
        });
        let put = |input: Input| Input {
            bytes: Box::new(Watched {
                bytes: input.bytes,
                watch: Rc::clone(&watch),
            }),
            ..input
        };
        *inputs = std::mem::take(inputs).into_iter().map(put).collect();
        watch
    }

    /// From now on nobody is told.
    pub(crate) fn end(&self) {
        self.tell.take();
    }

    fn count(&self, bytes: usize) {
        // Nobody is told of a read that the one who is told makes.
        let Ok(mut tell) = self.tell.try_borrow_mut() else {
            return;
        };
        if let Some(tell) = tell.as_mut() {
            self.read.set(self.read.get().saturating_add(bytes as u64));
            tell(self.read.get());
        }
    }
}

impl ByteSource for Watched {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read_at(offset, buf)?;
        self.watch.count(n);
        Ok(n)
    }

    fn has_changed(&self) -> bool {
        self.bytes.has_changed()
    }

    fn fetch_ahead(&self, places: &[(u64, usize)]) -> bool {
        self.bytes.fetch_ahead(places)
    }

    fn is_fetching(&self) -> bool {
        self.bytes.is_fetching()
    }
}
