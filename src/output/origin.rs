//! Where a report comes from: the machine, and the command line without secrets.

use weir_results::Report;

/// The longest command line in a report, in characters.
const COMMAND_CHARS_MAX: usize = 500;

/// Returns a report without sections of this process.
pub(crate) fn new_report(title: impl Into<String>) -> Report {
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    Report { machine: Some(machine()), command: Some(command(arguments)), ..Report::new(title) }
}

/// Returns processor, cores and system: `AMD EPYC 7763, 2 cores, linux x86_64`.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let plural = if cores == 1 { "" } else { "s" };
    let system = format!("{cores} core{plural}, {} {}", std::env::consts::OS, std::env::consts::ARCH);
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    match processor(&processors) {
        Some(processor) => format!("{processor}, {system}"),
        None => system,
    }
}

fn processor(processors: &str) -> Option<&str> {
    let lines = processors.lines().filter_map(|line| line.split_once(':'));
    let mut models = lines.filter(|(name, _)| name.trim() == "model name").map(|(_, model)| model.trim());
    models.find(|model| !model.is_empty())
}

/// Returns the command line as for a shell. Values of headers, bodies, tokens, and user names and queries of URLs are left out.
fn command(arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec!["weir".to_owned()];
    let mut flag = None;
    for argument in arguments {
        let (before, value) = match (flag.take(), argument.split_once('=')) {
            (Some(flag), _) => (String::new(), public_value(flag, &argument)),
            (None, Some((name, value))) if secret_flag(name).is_some() => (
                format!("{name}="),
                secret_flag(name).map_or_else(String::new, |flag| public_value(flag, value)),
            ),
            (None, _) => {
                flag = secret_flag(&argument);
                (String::new(), without_secrets(&argument))
            }
        };
        words.push(quoted(&format!("{before}{value}")));
    }
    let command = words.join(" ");
    let is_short = command.chars().count() <= COMMAND_CHARS_MAX;
    if is_short { command } else { command.chars().take(COMMAND_CHARS_MAX - 1).chain(['…']).collect() }
}

/// A flag whose value may hold secrets.
#[derive(Clone, Copy, Debug)]
enum SecretFlag {
    Header,
    Body,
    Token,
}

fn secret_flag(name: &str) -> Option<SecretFlag> {
    match name {
        "--header" => Some(SecretFlag::Header),
        "--body" | "--input" | "--text" => Some(SecretFlag::Body),
        "--web-token" => Some(SecretFlag::Token),
        _ => None,
    }
}

fn public_value(flag: SecretFlag, value: &str) -> String {
    match flag {
        SecretFlag::Header => match value.split_once(':') {
            Some((name, _)) => format!("{}: ***", name.trim()),
            None => "***".to_owned(),
        },
        // The name of a file.
        SecretFlag::Body if value.starts_with('@') => value.to_owned(),
        SecretFlag::Body | SecretFlag::Token => "***".to_owned(),
    }
}

/// Removes user name, password, query and fragment of a URL.
fn without_secrets(argument: &str) -> String {
    let Some((scheme, rest)) = argument.split_once("://") else { return argument.to_owned() };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (place, hidden) = rest.split_at(end);
    let host_end = place.find('/').unwrap_or(place.len());
    let (host, path) = place.split_at(host_end);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let query = if hidden.len() > 1 { "?***" } else { "" };
    format!("{scheme}://{host}{path}{query}")
}

fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "-_=./:,@%+*".contains(character);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arguments: &[&str]) -> String {
        command(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn command_is_that_of_a_shell() {
        assert_eq!(
            shown(&["load", "chain-backend", "--threshold", "errors < 1%", "--users", "5", ""]),
            "weir load chain-backend --threshold 'errors < 1%' --users 5 ''"
        );
        assert_eq!(shown(&["load", "it's"]), r"weir load 'it'\''s'");
        assert!(shown(&["x"; 1_000]).chars().count() == COMMAND_CHARS_MAX);
    }

    #[test]
    fn command_has_no_secrets() {
        let arguments = [
            "load",
            "https://me:sk-1@h:8443/v1/chat?api_key=sk-2#sk-3",
            "--header",
            "Authorization: Bearer sk-4",
            "--header=X-Api-Key: sk-5",
            "--body",
            "{\"key\": \"sk-6\"}",
            "--body=sk-7",
            "--body",
            "@body.json",
            "--url=http://u:sk-8@h/p",
            "--header",
            "sk-9",
            "--web-token",
            "sk-10",
            "--web-token=sk-11",
        ];
        assert_eq!(
            shown(&arguments),
            "weir load 'https://h:8443/v1/chat?***' --header 'Authorization: ***' '--header=X-Api-Key: ***' \
             --body *** --body=*** --body @body.json --url=http://h/p --header *** \
             --web-token *** --web-token=***"
        );
    }

    #[test]
    fn secret_flag_knows_all_flags_that_may_hold_secrets() {
        fn flags(command: &clap::Command) -> Vec<String> {
            let own = command.get_arguments().filter_map(clap::Arg::get_long).map(str::to_owned);
            own.chain(command.get_subcommands().flat_map(flags)).collect()
        }
        let words =
            ["token", "secret", "password", "key", "header", "body", "input", "text", "cookie", "auth"];
        for flag in flags(&crate::cli::command()) {
            let is_named_like_one = words.iter().any(|word| flag.split('-').any(|part| part == *word));
            let is_secret = secret_flag(&format!("--{flag}")).is_some();
            assert!(is_secret || !is_named_like_one, "--{flag}");
        }
    }

    #[test]
    fn processor_is_that_of_the_first_core() {
        let processors =
            "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\n\nprocessor\t: 1\nmodel name\t: Other";
        assert_eq!(processor(processors), Some("Some CPU @ 2.0GHz"));
        assert_eq!(processor("Hardware : board"), None);
    }
}
