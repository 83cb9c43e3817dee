//! The bench's own host: some folders under some names, on a free port of 127.0.0.1, and nothing else.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

/// Folders by the first part of the path under which they are served.
pub(crate) type Places = Vec<(&'static str, PathBuf)>;

/// Starts serving and returns the address without a slash at its end. The server ends with the program.
pub(crate) fn serve(places: Places) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    let places = Arc::new(places);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let places = Arc::clone(&places);
            // The browser drops connections as it likes.
            std::thread::spawn(move || answer(&stream, &places).ok());
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// The script of the page's workers, which cannot be reached from the page, gets this before it.
const BEFORE_WORKERS: (&str, &str) = ("engine_worker.js", include_str!("memories.js"));

fn answer(mut stream: &TcpStream, places: &Places) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let file = file(path, places);
    let mut body = file.as_ref().and_then(|file| fs::read(file).ok());
    if let Some(script) = body.as_mut()
        && path.ends_with(BEFORE_WORKERS.0)
    {
        script.splice(..0, BEFORE_WORKERS.1.bytes());
    }
    let (status, body) = body.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let ending = file.as_ref().and_then(|file| file.extension()?.to_str());
    let kind = match ending {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    // With the two policies a page may ask the browser how much memory it and its workers hold.
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}

fn file(path: &str, places: &Places) -> Option<PathBuf> {
    let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
    let (_, folder) = places.iter().find(|(name, _)| *name == first)?;
    let rest = if rest.is_empty() { "index.html" } else { rest };
    (!rest.contains("..")).then(|| folder.join(rest))
}
