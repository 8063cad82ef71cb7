//! Where in a TOML text a key stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML text in which keys can be looked for.
pub(super) struct Locator<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Locator<'a> {
    /// Reads the text.
    ///
    /// # Errors
    ///
    /// It is not TOML.
    pub(super) fn new(text: &'a str) -> Result<Self, toml::de::Error> {
        Ok(Self { text, root: DeTable::parse(text)? })
    }

    /// The line of a key such as `user.u.task[0].name`, from 1: its own, or that of the innermost table around it which
    /// is there. Names may stand in quotes, as in `price."gpt-4o*"`.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        find(self.root.get_ref(), key).map(|offset| line_at(self.text, offset))
    }
}

/// The line that an offset lies in, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

fn find(table: &DeTable<'_>, path: &str) -> Option<usize> {
    let members = table.iter().filter_map(|(name, value)| {
        let known = name.get_ref().as_ref();
        let rest = path.strip_prefix(known).or_else(|| path.strip_prefix(&format!("\"{known}\"")))?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some((name, value, rest))
    });
    // A name may hold a dot itself.
    let (name, value, rest) = members.max_by_key(|(name, ..)| name.get_ref().len())?;
    find_in(value, rest).or(Some(name.span().start))
}

fn find_in(value: &Spanned<DeValue<'_>>, path: &str) -> Option<usize> {
    match value.get_ref() {
        DeValue::Table(table) => find(table, path.strip_prefix('.')?),
        DeValue::Array(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            find_in(item, rest).or(Some(item.span().start))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_however_they_are_written() {
        let text = "about = '''\nx\n'''\nurl = \"u\"\n[load]\nusers = 1\n\n[user.\"a.b\"]\nthink = \"1s\"\n[[user.\"a.b\".task]]\nname = \"one\"\n# what\n[[user.\"a.b\".task]]\nname = \"two\"\nrequest = { path = \"/\",\n  headers = { x = \"y\" } }\ncheck.status = [\n  200,\n  99,\n]\n[user.\"a.b\".task.capture]\ntoken = {}\n";
        let locator = Locator::new(text).unwrap();
        let keys = [
            ("url", 4),
            ("load.users", 6),
            ("load.rate", 5),
            ("user.a.b.think", 9),
            ("user.\"a.b\".think", 9),
            ("user.a.b.task[0].name", 11),
            ("user.a.b.task[0].weight", 10),
            ("user.a.b.task[1].name", 14),
            ("user.a.b.task[1].request.headers.x", 16),
            ("user.a.b.task[1].request.body.a[3]", 15),
            ("user.a.b.task[1].check.status[1]", 19),
            ("user.a.b.task[1].capture.token.json", 22),
            ("user.a.b.task[7]", 10),
        ];
        for (key, line) in keys {
            assert_eq!(locator.line(key), Some(line), "{key}");
        }
        assert_eq!(locator.line("price"), None);
    }
}
