//! `cargo xtask bundle`: the page as one file that makes no request.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use crate::html::{self, Tag};
use crate::setup::{self, Need};
use crate::shell::{Failure, Result, announce, io_failure};
use crate::toolchain::WasmEnv;
use crate::{build, paths};

pub(crate) const HELP: &str = "\
Usage: cargo xtask bundle

Builds dist/, and of it dist/auditglass.html: one file with everything inside. Opened from
a disk, without any network, it does what the hosted page does. Its policy lets it run
nothing but its own scripts, by hash, and make no request. Reports name the commit if the
environment does: AUDITGLASS_COMMIT=$(git rev-parse HEAD) cargo xtask bundle
";

/// The name of the file in `dist/`.
pub(crate) const NAME: &str = "auditglass.html";

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let env = setup::ensure(Need::Page)?;
    bundle(&env)
}

/// Builds `dist/` and the single file in it, and prints what the file is made of.
pub(crate) fn bundle(env: &WasmEnv) -> Result<()> {
    build::build(env)?;
    announce(&format!("Putting everything into dist/{NAME}"));
    let parts = Parts::read()?;
    let page = parts.assemble()?;
    let file = paths::dist().join(NAME);
    fs::write(&file, &page).map_err(io_failure("write", &file))?;
    for (what, raw, stored) in [
        ("style", parts.style.len(), parts.style.len()),
        ("page, script", parts.module.len(), parts.module.len()),
        ("page, module", parts.app_wasm.0, parts.app_wasm.1.len()),
        (
            "engine, script",
            parts.engine_js.len(),
            parts.engine_js.len(),
        ),
        (
            "engine, module",
            parts.engine_wasm.0,
            parts.engine_wasm.1.len(),
        ),
    ] {
        println!("{raw:>10} bytes {stored:>10} in the file  {what}");
    }
    println!("{:>10}       {:>10}              in all", "", page.len());
    Ok(())
}

/// What the file is made of.
struct Parts {
    index: String,
    style: String,
    /// The page's script and what starts it, as one module.
    module: String,
    /// The engine's script and the worker's, as one classic script.
    engine_js: String,
    /// Length, and gzip as base64.
    app_wasm: (usize, String),
    engine_wasm: (usize, String),
}

impl Parts {
    fn read() -> Result<Self> {
        let index = read_text("index.html")?;
        let mut style = String::new();
        let mut failure = None;
        html::rewrite(&index, |tag| {
            if tag.name == "link" && tag.get("rel") == Some("stylesheet") {
                match read_text(tag.get("href").unwrap_or_default().trim_start_matches("./")) {
                    Ok(text) => style.push_str(text.trim_end()),
                    Err(error) => failure = Some(error),
                }
                style.push('\n');
            }
            None
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        let start = paths::root().join("web/js/start_single.js");
        let start = fs::read_to_string(&start).map_err(io_failure("read", &start))?;
        let module = format!("{}\n{start}", read_text("app.js")?);
        let engine_js = format!(
            "{}\n{}",
            read_text("engine.js")?,
            read_text("engine_worker.js")?
        );
        Ok(Self {
            index,
            style,
            module: inline_script(&module),
            engine_js: inline_script(&engine_js),
            app_wasm: pack("app_bg.wasm")?,
            engine_wasm: pack("engine_bg.wasm")?,
        })
    }

    fn assemble(&self) -> Result<String> {
        self.check()?;
        let mut left_over = Vec::new();
        let (mut styled, mut scripted) = (false, false);
        let page = html::rewrite(&self.index, |tag| match tag.name.as_str() {
            "meta"
                if tag
                    .get("http-equiv")
                    .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy")) =>
            {
                Some(format!(
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">",
                    self.policy()
                ))
            }
            "link" => match tag.get("rel").unwrap_or_default() {
                "stylesheet" if !styled => {
                    styled = true;
                    Some(format!("<style>{}</style>", self.style))
                }
                "stylesheet" | "modulepreload" | "preload" => Some(String::new()),
                _ => note_address(tag, &mut left_over),
            },
            "script" if tag.get("src") == Some("./start.js") => {
                scripted = true;
                Some(format!("<script type=\"module\">{}</script>", self.module))
            }
            _ => note_address(tag, &mut left_over),
        });
        if !left_over.is_empty() {
            return Err(Failure::new(format!(
                "the page still names files: {}",
                left_over.join(", ")
            )));
        }
        if !scripted || !styled || !page.contains(&self.policy()) {
            return Err(Failure::new(
                "dist/index.html lacks a policy, a style or the start script",
            ));
        }
        // A module waits for the whole document, so what it reads may stand behind everything that is painted.
        let end = page
            .rfind("</body>")
            .ok_or_else(|| Failure::new("dist/index.html has no </body>"))?;
        let mut whole = String::with_capacity(
            page.len() + self.engine_wasm.1.len() + self.app_wasm.1.len() + 4096,
        );
        whole.push_str(&page[..end]);
        for (id, text) in [
            ("auditglass-app-wasm", &self.app_wasm.1),
            ("auditglass-engine-js", &self.engine_js),
            ("auditglass-engine-wasm", &self.engine_wasm.1),
        ] {
            let _ = writeln!(
                whole,
                "<script type=\"text/plain\" id=\"{id}\">{text}</script>"
            );
        }
        whole.push_str(&page[end..]);
        Ok(whole)
    }

    /// Scripts and styles by hash, workers from memory, pictures from memory, and nothing else.
    fn policy(&self) -> String {
        format!(
            "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; worker-src blob:; style-src '{}'; \
             img-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'",
            hash(&self.module),
            hash(&self.style)
        )
    }

    /// What could not work in a single file is found here rather than by whoever opens it.
    fn check(&self) -> Result<()> {
        for (what, text) in [
            ("the page's script", &self.module),
            ("the engine's script", &self.engine_js),
        ] {
            if let Some(line) = text.lines().find(|line| line.starts_with("import ")) {
                return Err(Failure::new(format!(
                    "{what} imports another file, which a single file cannot: {line}"
                )));
            }
        }
        let lower = self.style.to_ascii_lowercase();
        if lower.contains("</style")
            || lower.contains("@import")
            || lower.replace("url(\"data:", "").contains("url(")
        {
            return Err(Failure::new(
                "a style names another file (only url(\"data:…\") can stand in a single file)",
            ));
        }
        if !self.module.contains("function __wbg_init(") {
            return Err(Failure::new(
                "app.js has no `__wbg_init`, which web/js/start_single.js calls",
            ));
        }
        Ok(())
    }
}

/// Leaves a tag as it is, and remembers an address in it that would be fetched.
fn note_address(tag: &Tag<'_>, left_over: &mut Vec<String>) -> Option<String> {
    let addresses = ["src", "href", "data", "poster"]
        .into_iter()
        .filter_map(|name| tag.get(name));
    left_over.extend(
        addresses
            .filter(|value| !value.starts_with("data:") && !value.starts_with('#'))
            .map(str::to_owned),
    );
    None
}

fn read_text(name: &str) -> Result<String> {
    let file = paths::dist().join(name);
    let text = fs::read_to_string(&file).map_err(io_failure("read", &file))?;
    // A browser reads line ends as \n before it hashes.
    Ok(text.replace("\r\n", "\n"))
}

/// A script that stands in an HTML document: the parser must not see its own end, or a comment's start, in a string.
fn inline_script(text: &str) -> String {
    text.replace("</script", "<\\/script")
        .replace("<!--", "<\\!--")
}

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text.as_bytes())))
}

fn pack(name: &str) -> Result<(usize, String)> {
    let file = paths::dist().join(name);
    let bytes = fs::read(&file).map_err(io_failure("read", &file))?;
    // No time and no system in the header: the same page gives the same file.
    let mut gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    let packed = gzip.write_all(&bytes).and_then(|()| gzip.finish());
    let packed = packed.map_err(io_failure("compress", &file))?;
    Ok((bytes.len(), BASE64.encode(packed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(index: &str) -> Parts {
        Parts {
            index: index.to_owned(),
            style: "p{}\n".into(),
            module: inline_script("async function __wbg_init() {} // </script> <!-- x"),
            engine_js: "self.x = 1;".into(),
            app_wasm: (1, "QQ==".into()),
            engine_wasm: (1, "Qg==".into()),
        }
    }

    const INDEX: &str = "<html><head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\">\
        <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"./a.css\"/><link rel=\"stylesheet\" href=\"./b.css\"/>\
        <link rel=\"modulepreload\" href=\"./app.js\"><script type=\"module\" src=\"./start.js\"></script></head>\
        <body><div id=\"auditglass\"></div></body></html>";

    #[test]
    fn everything_is_inside_and_under_the_policy() {
        let page = parts(INDEX).assemble().unwrap();
        assert!(!page.contains("./"), "{page}");
        assert_eq!(page.matches("<style>").count(), 1);
        assert_eq!(page.matches("</script>").count(), 4, "{page}");
        let mut hashes = Vec::new();
        let mut policy = String::new();
        html::rewrite(&page, |tag| {
            match tag.name.as_str() {
                "script" if tag.get("type") == Some("module") => hashes.push(hash(tag.content)),
                "style" => hashes.push(hash(tag.content)),
                "meta" => policy = tag.get("content").unwrap().to_owned(),
                _ => {}
            }
            None
        });
        assert_eq!(hashes.len(), 2);
        for hash in &hashes {
            assert!(policy.contains(hash.as_str()), "{policy} lacks {hash}");
        }
    }

    #[test]
    fn a_page_that_still_names_a_file_is_refused() {
        let index = INDEX.replace("<body>", "<body><img src=\"logo.png\">");
        let failure = parts(&index).assemble().unwrap_err();
        assert!(
            failure.message().contains("logo.png"),
            "{}",
            failure.message()
        );
    }

    #[test]
    fn a_style_that_names_a_file_is_refused() {
        let mut parts = parts(INDEX);
        parts.style = "@font-face{src:url(font.woff2)}".into();
        assert!(parts.assemble().is_err());
        parts.style = "p{background:url(\"data:image/png;base64,AA\")}".into();
        assert!(parts.assemble().is_ok());
    }

    #[test]
    fn the_hash_is_the_one_of_the_standard() {
        // The example of the Content Security Policy standard.
        assert_eq!(
            hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }
}
