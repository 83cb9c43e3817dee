//! The report as Markdown (CommonMark with tables). Nothing from a log becomes markup.

use super::blocks::Block;
use crate::report::human::printable;

pub(in crate::report) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Title(text) => out.push_str(&format!("# {}\n\n", escaped(text))),
            Block::Heading(text) => out.push_str(&format!("## {}\n\n", escaped(text))),
            Block::Text(text) => out.push_str(&format!("{}\n\n", escaped(text))),
            Block::Answer(question, answer, why) => out.push_str(&format!(
                "**{question}: {}.** {}\n\n",
                answer.as_str(),
                escaped(why)
            )),
            Block::List(items) => {
                for item in items {
                    out.push_str(&format!("- {}\n", escaped(item)));
                }
                out.push('\n');
            }
            Block::Table(names, rows) => {
                row(&mut out, names.iter().map(|n| (*n).to_owned()));
                row(&mut out, names.iter().map(|_| "---".to_owned()));
                for cells in rows {
                    row(&mut out, cells.iter().map(|c| escaped(c)));
                }
                out.push('\n');
            }
            // A file's name may hold a fence, but no line break once it is printable.
            Block::Code(text) => out.push_str(&format!("    {}\n\n", printable(text))),
            Block::SignOff(lines) => {
                for line in lines {
                    out.push_str(&format!("{line}: \\_\\_\\_\\_\\_\\_\\_\\_\n\n"));
                }
            }
        }
    }
    out
}

fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for cell in cells {
        out.push_str(&format!(" {cell} |"));
    }
    out.push('\n');
}

/// Text in which no character means anything to Markdown: every ASCII punctuation mark may be escaped (CommonMark 2.4).
/// A colon is, before a slash, because many readers make a link of a bare address.
fn escaped(text: &str) -> String {
    let text = printable(text);
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_markup = "\\`*_[]<>#|&!~$@".contains(c);
        if is_markup || (c == ':' && rest.peek() == Some(&'/')) {
            out.push('\\');
        }
        out.push(c);
    }
    out.replace("www.", "www\\.")
}
