//! As much of HTML as our own page needs: its tags, one by one, each of which can be replaced.

/// Elements whose content is text up to the end tag.
const RAW_TEXT: [&str; 3] = ["script", "style", "noscript"];

/// A start tag; for a script or a style with its content and end tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Lower case.
    pub(crate) name: String,
    attributes: Vec<(String, &'a str)>,
    /// What stands between the tag and its end tag, where it is a raw-text element.
    pub(crate) content: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute; empty where it has none; `None` where it is not there.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
    }
}

/// Goes through the tags of a page. Where `change` returns a text it takes the tag's place (with content and end tag,
/// for a script or a style). Comments are left out.
pub(crate) fn rewrite(html: &str, mut change: impl FnMut(&Tag<'_>) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some((tag, length)) = read_tag(rest) else {
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        match change(&tag) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The start tag at the beginning of `text`, and how far it reaches.
fn read_tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let after = text.strip_prefix('<')?;
    let name_len = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
    if name_len == 0 {
        return None;
    }
    let name = after[..name_len].to_ascii_lowercase();
    let mut attributes = Vec::new();
    let mut rest = &after[name_len..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(end) = rest.strip_prefix('>') {
            rest = end;
            break;
        }
        let key_len = rest.find(|c: char| c.is_ascii_whitespace() || "=>/".contains(c))?;
        let key = rest[..key_len].to_ascii_lowercase();
        rest = rest[key_len..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next()?;
            if quote == '"' || quote == '\'' {
                let end = after[1..].find(quote)?;
                value = &after[1..=end];
                rest = &after[end + 2..];
            } else {
                let end = after.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
                value = &after[..end];
                rest = &after[end..];
            }
        } else if key_len == 0 {
            // Something that is no attribute: not a page of ours.
            return None;
        }
        attributes.push((key, value));
    }
    let mut content = "";
    if RAW_TEXT.contains(&name.as_str()) {
        let end_tag = format!("</{name}>");
        let end = rest.find(&end_tag)?;
        content = &rest[..end];
        rest = &rest[end + end_tag.len()..];
    }
    let length = text.len() - rest.len();
    Some((
        Tag {
            name,
            attributes,
            content,
        },
        length,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_seen_with_their_attributes_and_content() {
        let html = "<!DOCTYPE html><!-- <link rel=x> --><link rel='stylesheet' href=\"a>b.css\" hidden/>\
                    <p>1 < 2</p><script type=module>if (a<b) {}</script>";
        let mut seen = Vec::new();
        let same = rewrite(html, |tag| {
            let href = tag.get("href").map(str::to_owned);
            seen.push((
                tag.name.clone(),
                href,
                tag.get("hidden").is_some(),
                tag.content.to_owned(),
            ));
            None
        });
        assert_eq!(
            seen,
            [
                ("link".into(), Some("a>b.css".into()), true, String::new()),
                ("p".into(), None, false, String::new()),
                ("script".into(), None, false, "if (a<b) {}".into()),
            ]
        );
        assert_eq!(same, html.replace("<!-- <link rel=x> -->", ""));
    }

    #[test]
    fn a_replaced_script_goes_with_its_content() {
        let html = "a<script src=\"./x.js\"></script>b";
        assert_eq!(rewrite(html, |_| Some("-".into())), "a-b");
    }

    #[test]
    fn an_unfinished_tag_is_text() {
        for html in ["<", "<a", "<a href=\"x", "<script>never ends", "x < y"] {
            assert_eq!(rewrite(html, |_| Some("!".into())), html);
        }
    }
}
