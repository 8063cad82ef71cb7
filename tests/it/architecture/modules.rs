//! Which module of a crate refers to which, read from its sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Expr, Item, ItemMod, ItemUse, Macro, Meta, Token, UseTree, punctuated::Punctuated,
    visit::Visit,
};

/// The absolute path of a module within its crate; empty for the crate's root.
type ModulePath = Vec<String>;

/// A chain of re-exports longer than this is taken for a cycle.
const REEXPORTS_MAX: usize = 16;

/// The modules of one crate, without those that exist in tests only.
#[derive(Debug, Default)]
pub(super) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Debug, Default)]
struct Module {
    children: BTreeSet<String>,
    /// What its `use` items bring in: the name, and the path that it refers to.
    imports: BTreeMap<String, Vec<String>>,
    /// Every path in it, those of its `use` items included.
    paths: Vec<Vec<String>>,
    /// The lints that `allow` and `expect` attributes exempt something from: `clippy::panic`.
    exempt_lints: BTreeSet<String>,
}

/// One module refers to another one with the same parent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub(super) parent: ModulePath,
    pub(super) from: String,
    pub(super) to: String,
    /// The module, at or below `from`, that holds the path.
    pub(super) user: ModulePath,
    pub(super) path: Vec<String>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, path, from, to, .. } = self;
        write!(f, "{from} -> {to}: {} uses {}", user.join("::"), path.join("::"))
    }
}

impl Crate {
    /// Parses the crate whose root is this `lib.rs`, with all files that its `mod` items name.
    pub(super) fn parse(lib: &Path) -> Self {
        let mut parsed = Self::default();
        parsed.parse_file(lib, lib.parent().unwrap(), Vec::new());
        parsed
    }

    /// The modules directly below the root.
    pub(super) fn top_level(&self) -> BTreeSet<&str> {
        self.modules[&Vec::new()].children.iter().map(String::as_str).collect()
    }

    /// All references between modules that have the same parent.
    pub(super) fn references(&self) -> BTreeSet<Reference> {
        let mut references = BTreeSet::new();
        for (user, module) in &self.modules {
            for path in &module.paths {
                let target = self.definition(user, path, 0);
                let shared = user.iter().zip(&target).take_while(|(one, other)| one == other).count();
                if let (Some(from), Some(to)) = (user.get(shared), target.get(shared)) {
                    references.insert(Reference {
                        parent: user[..shared].to_vec(),
                        from: from.clone(),
                        to: to.clone(),
                        user: user.clone(),
                        path: path.clone(),
                    });
                }
            }
        }
        references
    }

    /// All paths in any module, with that module.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&ModulePath, &Vec<String>)> {
        self.modules.iter().flat_map(|(user, module)| module.paths.iter().map(move |path| (user, path)))
    }

    /// All lints that a module exempts some of its code from, with that module.
    pub(super) fn exempt_lints(&self) -> impl Iterator<Item = (&ModulePath, &str)> {
        let modules = self.modules.iter();
        modules.flat_map(|(user, module)| module.exempt_lints.iter().map(move |lint| (user, lint.as_str())))
    }

    /// The module that defines what `path` means in `user`; re-exports are followed.
    fn definition(&self, user: &ModulePath, path: &[String], depth: usize) -> ModulePath {
        let (mut at, rest) = match path.first().map(String::as_str) {
            Some("crate") => (Vec::new(), &path[1..]),
            Some("self") => (user.clone(), &path[1..]),
            Some("super") => {
                let supers = path.iter().take_while(|segment| *segment == "super").count();
                (user[..user.len().saturating_sub(supers)].to_vec(), &path[supers..])
            }
            // A path of a `use` item that starts with a child module; else one of another crate.
            Some(first) if self.modules[user].children.contains(first) => (user.clone(), path),
            _ => return user.clone(),
        };
        for (index, segment) in rest.iter().enumerate() {
            let Some(module) = self.modules.get(&at) else { break };
            if module.children.contains(segment) {
                at.push(segment.clone());
            } else if let Some(import) = module.imports.get(segment)
                && depth < REEXPORTS_MAX
                && &at != user
            {
                let whole: Vec<String> = import.iter().chain(&rest[index + 1..]).cloned().collect();
                return self.definition(&at, &whole, depth + 1);
            } else {
                break;
            }
        }
        at
    }

    fn parse_file(&mut self, file: &Path, folder: &Path, path: ModulePath) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.add(&parsed.attrs, &parsed.items, folder, path);
    }

    /// `folder` is where the files of its `mod` items are.
    fn add(&mut self, attributes: &[Attribute], items: &[Item], folder: &Path, path: ModulePath) {
        let mut reader = Reader::default();
        attributes.iter().for_each(|attribute| reader.visit_attribute(attribute));
        for item in items {
            match item {
                Item::Mod(module) if is_test_only(&module.attrs) => {}
                Item::Mod(module) => {
                    reader.module.children.insert(module.ident.to_string());
                    module.attrs.iter().for_each(|attribute| reader.visit_attribute(attribute));
                    self.add_child(module, folder, &path);
                }
                item => reader.visit_item(item),
            }
        }
        self.modules.insert(path, reader.module);
    }

    fn add_child(&mut self, module: &ItemMod, folder: &Path, parent: &ModulePath) {
        let name = module.ident.to_string();
        let (below, path) = (folder.join(&name), [parent.as_slice(), std::slice::from_ref(&name)].concat());
        match &module.content {
            Some((_, items)) => self.add(&module.attrs, items, &below, path),
            None => {
                let candidates = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
                let file: PathBuf = candidates.into_iter().find(|file| file.exists()).unwrap();
                self.parse_file(&file, &below, path);
            }
        }
    }
}

/// Collects what one module imports and refers to.
#[derive(Debug, Default)]
struct Reader {
    module: Module,
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).is_some_and(is_test_only) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            self.import(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.module.paths.push(segments);
        syn::visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("allow") || attribute.path().is_ident("expect") {
            let arguments = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let lints = arguments.into_iter().flatten().filter_map(|argument| match argument {
                Meta::Path(lint) => Some(lint),
                // The reason.
                Meta::List(_) | Meta::NameValue(_) => None,
            });
            let names = lints.map(|lint| {
                lint.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
            });
            self.module.exempt_lints.extend(names);
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        // Of macros whose arguments are expressions, which most are.
        if let Ok(arguments) = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
    }
}

impl Reader {
    fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(name) => self.import_as(name.ident.to_string(), &name.ident.to_string(), prefix),
            UseTree::Rename(rename) => {
                self.import_as(rename.rename.to_string(), &rename.ident.to_string(), prefix);
            }
            UseTree::Glob(_) => self.module.paths.push(prefix.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix)),
        }
    }

    fn import_as(&mut self, alias: String, name: &str, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let (alias, path) = match (name, prefix.last()) {
            ("self", Some(last)) => (if alias == "self" { last.clone() } else { alias }, path),
            _ => {
                path.push(name.to_owned());
                (alias, path)
            }
        };
        self.module.imports.insert(alias, path.clone());
        self.module.paths.push(path);
    }
}

fn attributes(item: &Item) -> Option<&[Attribute]> {
    Some(match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        _ => return None,
    })
}

/// Whether an item is behind `#[cfg(test)]`.
fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => false,
    })
}

/// A cycle among the names that these arrows connect, as the names along it; `None` if there is none.
pub(super) fn cycle<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    fn visit<'a>(
        name: &'a str,
        arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>,
        open: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = open.iter().position(|other| *other == name) {
            return Some(open[start..].to_vec());
        }
        if !done.insert(name) {
            return None;
        }
        open.push(name);
        let found = arrows.get(name).into_iter().flatten().find_map(|next| visit(next, arrows, open, done));
        open.pop();
        found
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|name| visit(name, arrows, &mut Vec::new(), &mut done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_through_re_exports_reach_the_defining_module() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("lib.rs", "mod low; mod high; pub use low::Thing;");
        write("low.rs", "pub struct Thing; #[cfg(test)] mod tests { use crate::high::Other; }");
        write("high.rs", "use crate::Thing; pub struct Other(Thing);");
        let parsed = Crate::parse(&folder.path().join("lib.rs"));
        let references: Vec<String> = parsed.references().iter().map(Reference::to_string).collect();
        assert_eq!(references, ["high -> low: high uses crate::Thing"]);
    }

    #[test]
    fn paths_in_expressions_and_macros_count() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("lib.rs", "mod a; mod b;");
        write("a.rs", "pub fn f() -> u8 { super::b::g() }");
        write("b.rs", "pub fn g() -> u8 { assert!(crate::a::f() > 0); 1 }");
        let parsed = Crate::parse(&folder.path().join("lib.rs"));
        let arrows: BTreeSet<(String, String)> =
            parsed.references().into_iter().map(|reference| (reference.from, reference.to)).collect();
        let expected = [("a", "b"), ("b", "a")].map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(arrows, BTreeSet::from(expected));
    }

    #[test]
    fn paths_and_exempt_lints_of_code_outside_tests_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let lib = folder.path().join("lib.rs");
        let text = "#![expect(clippy::print_stdout, reason = \"r\")]\n\
            fn f() { #[allow(clippy::disallowed_methods)] let _ = tokio::spawn(async {}); std::process::exit(1) }\n\
            #[cfg(test)] fn g() { #[expect(clippy::panic)] std::thread::spawn(|| ()); }";
        fs::write(&lib, text).unwrap();
        let parsed = Crate::parse(&lib);
        let paths: Vec<String> = parsed.paths().map(|(_, path)| path.join("::")).collect();
        assert!(paths.contains(&"tokio::spawn".to_owned()), "{paths:?}");
        assert!(paths.contains(&"std::process::exit".to_owned()), "{paths:?}");
        assert!(!paths.contains(&"std::thread::spawn".to_owned()), "{paths:?}");
        let lints: Vec<&str> = parsed.exempt_lints().map(|(_, lint)| lint).collect();
        assert_eq!(lints, ["clippy::disallowed_methods", "clippy::print_stdout"]);
    }

    #[test]
    fn cycle_of_a_loop_names_its_members() {
        let arrows = BTreeMap::from([
            ("a", BTreeSet::from(["b"])),
            ("b", BTreeSet::from(["c"])),
            ("c", BTreeSet::from(["b"])),
        ]);
        assert_eq!(cycle(&arrows), Some(vec!["b", "c"]));
        assert_eq!(
            cycle(&BTreeMap::from([("a", BTreeSet::from(["b", "c"])), ("b", BTreeSet::from(["c"]))])),
            None
        );
    }
}
