//! The report as one HTML page: no script, nothing loaded, fit to be printed. Nothing from a log becomes markup.

use super::blocks::Block;
use crate::report::human::printable;
use crate::view::Answer;

/// Nothing may be loaded or run, whatever stands in the page.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Integrity report of an audit log</title>
<style>
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #5b626b; --line: #d9dde2; --paper: #fff; --good: #14713a; --bad: #b3261e; --open: #7a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ec; --soft: #a3abb5; --line: #343a42; --paper: #15181c; --good: #6fcf97; --bad: #ff8a80; --open: #e3c26b; } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --good: #14713a; --bad: #b3261e; --open: #7a5a00; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; letter-spacing: -.01em; margin: 0 0 1.25rem; }
h2 { font-size: 1.05rem; margin: 2.25rem 0 .6rem; }
.answer { display: grid; grid-template-columns: 1.6rem 9rem 1fr; gap: 0 .5rem; padding: .7rem 0; border-top: 1px solid var(--line); }
.answer > b:first-child { font-size: 1.1rem; }
.answer p { margin: 0; grid-column: 3; }
.answer .is { font-weight: 600; }
.confirmed > b:first-child, .confirmed .is { color: var(--good); }
.not-confirmed > b:first-child, .not-confirmed .is { color: var(--bad); }
.cannot-be-known > b:first-child, .cannot-be-known .is { color: var(--open); }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; vertical-align: top; min-width: 5.5rem; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
pre { background: color-mix(in srgb, var(--ink) 6%, var(--paper)); padding: .75rem 1rem; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.sign { display: grid; grid-template-columns: 8rem 1fr; gap: 1.4rem .5rem; margin-top: 2.5rem; break-inside: avoid; }
.sign span + span { border-bottom: 1px solid var(--soft); }
tr { break-inside: avoid; }
</style>
</head>
<body>
"#;

pub(super) fn write(blocks: &[Block]) -> String {
    let mut out = String::from(HEAD);
    for block in blocks {
        match block {
            Block::Title(text) => out.push_str(&format!("<h1>{}</h1>\n", escaped(text))),
            Block::Heading(text) => out.push_str(&format!("<h2>{}</h2>\n", escaped(text))),
            Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", escaped(text))),
            Block::Answer(question, answer, why) => {
                let (class, mark) = match answer {
                    Answer::Confirmed => ("confirmed", "✓"),
                    Answer::NotConfirmed => ("not-confirmed", "✗"),
                    Answer::CannotBeKnown => ("cannot-be-known", "?"),
                };
                out.push_str(&format!(
                    "<section class=\"answer {class}\"><b aria-hidden=\"true\">{mark}</b><b>{question}</b><p><span class=\"is\">{}.</span> {}</p></section>\n",
                    capitalised(answer.as_str()),
                    escaped(why)
                ));
            }
            Block::List(items) => {
                out.push_str("<ul>\n");
                for item in items {
                    out.push_str(&format!("<li>{}</li>\n", escaped(item)));
                }
                out.push_str("</ul>\n");
            }
            Block::Table(names, rows) => table(&mut out, names, rows),
            Block::Code(text) => {
                out.push_str(&format!("<pre><code>{}</code></pre>\n", escaped(text)));
            }
            Block::SignOff(lines) => {
                out.push_str("<div class=\"sign\">");
                for line in lines {
                    out.push_str(&format!("<span>{}</span><span></span>", escaped(line)));
                }
                out.push_str("</div>\n");
            }
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn table(out: &mut String, names: &[&str], rows: &[Vec<String>]) {
    out.push_str("<table>\n<thead><tr>");
    for name in names {
        out.push_str(&format!("<th scope=\"col\">{}</th>", escaped(name)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            out.push_str(&format!("<td>{}</td>", escaped(cell)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| {
        format!("{}{}", c.to_uppercase(), chars.as_str())
    })
}

/// Text without a character that HTML reads as anything else.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
