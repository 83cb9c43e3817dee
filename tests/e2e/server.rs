//! The hosted page's host: `dist/` under a sub-path, on a free port of 127.0.0.1.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

/// A path such as a project page has, so that an absolute address in the page would not be found.
const BASE: &str = "/some/where/";

/// Starts serving and returns the page's address. The server ends with the tests.
pub(crate) fn serve(root: PathBuf) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            // The browser drops connections as it likes.
            std::thread::spawn(move || answer(&stream, &root).ok());
        }
    });
    format!("http://127.0.0.1:{port}{BASE}")
}

fn answer(stream: &TcpStream, root: &Path) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let name = request
        .split(' ')
        .nth(1)
        .and_then(|target| target.strip_prefix(BASE));
    let name = name.map(|name| if name.is_empty() { "index.html" } else { name });
    let body = name
        .filter(|name| !name.contains(".."))
        .and_then(|name| fs::read(root.join(name)).ok());
    let (status, body) = body.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let kind = match name.and_then(|name| name.rsplit('.').next()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let length = body.len();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
