//! Re-arranges the members of unsorted objects: one copy, no recursion.

/// The objects of a text whose members must change places.
#[derive(Debug, Default)]
pub(crate) struct Unsorted {
    objects: Vec<Object>,
    /// The members' texts in their right order, the objects' lists end to end.
    members: Vec<(usize, usize)>,
    tasks: Vec<Task>,
}

#[derive(Clone, Copy, Debug)]
struct Object {
    /// Where `{` and `}` stand in the flat text.
    open: usize,
    close: usize,
    members: (usize, usize),
}

#[derive(Clone, Copy, Debug)]
enum Task {
    /// Emit this range of the flat text, with the objects inside it re-arranged.
    Text(usize, usize),
    /// Emit these members, separated.
    Members(usize, usize),
    Separator,
}

/// The object that was noted last, to be given its members.
pub(crate) struct Noted<'u>(&'u mut Unsorted);

impl Noted<'_> {
    /// Its next member, by its place in the flat text.
    pub(crate) fn push(&mut self, member: (usize, usize)) {
        self.0.members.push(member);
        if let Some(object) = self.0.objects.last_mut() {
            object.members.1 = self.0.members.len();
        }
    }
}

impl Unsorted {
    pub(crate) fn clear(&mut self) {
        self.objects.clear();
        self.members.clear();
    }

    /// Notes that the members of the object whose brackets stand at `open` and `close` come in the order in which they are
    /// pushed now.
    pub(crate) fn note(&mut self, open: usize, close: usize) -> Noted<'_> {
        let from = self.members.len();
        self.objects.push(Object {
            open,
            close,
            members: (from, from),
        });
        Noted(self)
    }

    /// Whether every object is in its right order as it stands.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Hands `flat` to `out`, with every noted object in its right order, piece by piece.
    pub(crate) fn emit(&mut self, flat: &[u8], mut out: impl FnMut(&[u8])) {
        if self.objects.is_empty() {
            out(flat);
            return;
        }
        // Objects were noted when they closed, inner ones first; by their opening, a range finds its first one quickly.
        self.objects.sort_unstable_by_key(|o| o.open);
        self.tasks.clear();
        self.tasks.push(Task::Text(0, flat.len()));
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Separator => out(b", "),
                Task::Members(from, to) => {
                    let Some(&(start, end)) = self.members[from..to].first() else {
                        continue;
                    };
                    if from + 1 < to {
                        self.tasks.push(Task::Members(from + 1, to));
                        self.tasks.push(Task::Separator);
                    }
                    self.tasks.push(Task::Text(start, end));
                }
                Task::Text(from, to) => {
                    let next = self.objects.partition_point(|o| o.open < from);
                    match self.objects.get(next) {
                        Some(object) if object.open < to => {
                            out(&flat[from..=object.open]);
                            self.tasks.push(Task::Text(object.close, to));
                            self.tasks
                                .push(Task::Members(object.members.0, object.members.1));
                        }
                        _ => out(&flat[from..to]),
                    }
                }
            }
        }
    }
}
