//! Paths of files, which name people and machines, and traces of a program's stack.

use memchr::memmem;

use super::kind::Kind;
use super::text::{Text, is_word};

/// Folders at the root of a machine. Other paths that begin with a slash are more often routes of a service.
const ROOTS: [&[u8]; 30] = [
    b"home",
    b"Users",
    b"var",
    b"etc",
    b"opt",
    b"usr",
    b"mnt",
    b"srv",
    b"tmp",
    b"root",
    b"private",
    b"data",
    b"workspace",
    b"workspaces",
    b"app",
    b"scratch",
    b"dbfs",
    b"nfs",
    b"gpfs",
    b"efs",
    b"content",
    b"kaggle",
    b"Volumes",
    b"export",
    b"proc",
    b"media",
    b"Library",
    b"work",
    b"go",
    b"databricks",
];

pub(super) fn path(text: &mut Text<'_>) {
    if text.key.is_route {
        return;
    }
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'/', b'\\', text.rest.get(at..).unwrap_or_default()) {
        let mark = at + found;
        let from = start(text, mark);
        let Some(from) = from else {
            at = mark + 1;
            continue;
        };
        let mut to = mark + 1;
        while !is_end(text.at(to)) {
            to += 1;
        }
        // All of it is behind us, so that marks alone are not gone over again and again.
        at = to.max(mark + 1);
        while to > mark
            && matches!(
                text.before(to),
                b'.' | b':' | b',' | b')' | b']' | b'/' | b'\\'
            )
        {
            to -= 1;
        }
        let path = text.whole.get(mark..to).unwrap_or_default();
        let is_path = match text.at(mark) {
            b'/' if from == mark => is_unix(path),
            _ => path.len() >= 3,
        };
        if is_path {
            text.claim(Kind::FilePath, from, to);
        }
    }
}

/// Where a path begins whose first slash is here, if one does.
fn start(text: &Text<'_>, mark: usize) -> Option<usize> {
    let (before, next) = (text.before(mark), text.at(mark + 1));
    let is_name = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b'$' | b'%' | b'@');
    let is_slash = text.at(mark) == b'/';
    // `file:///srv/…`
    if is_slash && mark >= 7 && text.whole.get(mark - 7..mark) == Some(b"file://") {
        return Some(mark);
    }
    // `C:\…`, `C:/…`, the backslash perhaps twice.
    if before == b':'
        && mark >= 2
        && text.at(mark - 2).is_ascii_alphabetic()
        && (is_name(next) || next == b'\\')
    {
        let is_drive = mark < 3 || !is_word(text.at(mark - 3));
        return (is_drive && (!is_slash || is_name(next))).then_some(mark - 2);
    }
    // `\\server\share`
    if !is_slash {
        let is_share =
            next == b'\\' && is_bound(before) && text.at(mark + 2).is_ascii_alphanumeric();
        let rest = text
            .whole
            .get(mark + 2..text.whole.len().min(mark + 66))
            .unwrap_or_default();
        let has_share = rest
            .iter()
            .position(|b| !is_name(*b))
            .is_some_and(|i| rest.get(i) == Some(&b'\\') && i >= 2);
        return (is_share && has_share).then_some(mark);
    }
    if before == b'~' && mark >= 1 && is_bound(text.before(mark - 1)) && is_name(next) {
        return Some(mark - 1);
    }
    (is_bound(before) && is_name(next)).then_some(mark)
}

fn is_bound(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b'='
                | b'('
                | b'['
                | b'{'
                | b','
                | b';'
                | b'<'
                | b'>'
                | b'|'
                | b':'
        )
}

fn is_end(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b';' | b',' | b'*' | b'?'
        )
}

/// `/home/zoe/model.pkl`, `/models/credit/v3/model.pkl`; no `/api/v1/predict`.
fn is_unix(path: &[u8]) -> bool {
    let mut parts = path.split(|b| *b == b'/').filter(|p| !p.is_empty());
    let Some(first) = parts.next() else {
        return false;
    };
    let (mut count, mut last) = (1, first);
    for part in parts.take(64) {
        count += 1;
        last = part;
    }
    if ROOTS.contains(&first) {
        // Some of the names begin routes as well.
        const SHARED: [&[u8]; 7] = [
            b"data", b"content", b"export", b"work", b"app", b"media", b"go",
        ];
        return count >= 2 && (!SHARED.contains(&first) || count >= 4 || last.contains(&b'.'));
    }
    const ENDINGS: [&[u8]; 16] = [
        b".py",
        b".csv",
        b".parquet",
        b".pkl",
        b".pt",
        b".pth",
        b".onnx",
        b".h5",
        b".db",
        b".log",
        b".yaml",
        b".yml",
        b".toml",
        b".ipynb",
        b".joblib",
        b".safetensors",
    ];
    count >= 3 && ENDINGS.iter().any(|e| last.ends_with(e))
}

/// Whether a text is, or holds, a trace of a stack.
pub(super) fn is_trace(text: &[u8]) -> bool {
    if text.len() < 24 {
        return false;
    }
    let has = |part: &[u8]| memmem::find(text, part).is_some();
    if has(b"Traceback (most recent call last)") || has(b"stack backtrace:") {
        return true;
    }
    if has(b"goroutine ") && has(b"[running]") {
        return true;
    }
    if has(b", line ") && has(b"File \"") {
        return true;
    }
    // Ruby, PHP and Go.
    if has(b":in `") || (has(b".go:") && has(b" +0x")) || (has(b"#0 ") && has(b".php(")) {
        return true;
    }
    if !has(b"at ") {
        return false;
    }
    let lines = text.split(|b| *b == b'\n');
    lines.map(<[u8]>::trim_ascii_end).any(is_frame)
}

/// `    at scorer.run (scorer.js:12:3)`, `   at Scorer.Run(String x) in C:\a.cs:line 3`.
fn is_frame(line: &[u8]) -> bool {
    let frame = line.trim_ascii_start();
    let is_indented = frame.len() < line.len();
    let Some(call) = frame.strip_prefix(b"at ") else {
        return false;
    };
    let has = |part: &[u8]| memmem::find(call, part).is_some();
    let has_place = has(b":line ")
        || (call.ends_with(b")") && has(b"(") && has(b"."))
        || call.last().is_some_and(u8::is_ascii_digit) && has(b":");
    is_indented && has_place
}
