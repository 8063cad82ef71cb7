//! Output of the command line.

use std::{fs, net::TcpListener, path::Path, time::Duration};

use insta::assert_snapshot;

use crate::support::bare;

/// Maximum duration of a command, after which it is killed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The output and the exit code of a command.
pub(crate) struct CommandOutput {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program in `folder` until it exits.
pub(crate) fn weir(arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> CommandOutput {
    let mut command = assert_cmd::Command::from_std(bare());
    let output = command
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().copied())
        .timeout(TIMEOUT)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    CommandOutput { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The error that `weir serve` prints, and nothing else, before it exits with 2.
fn startup_error(arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> String {
    let serve: Vec<_> = ["serve"].iter().chain(arguments).copied().collect();
    let variables: Vec<_> = [("WEIR_SERVER_PORT", "0")].iter().chain(variables).copied().collect();
    let CommandOutput { code, stdout, stderr } = weir(&serve, folder, &variables);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    stderr
}

#[test]
fn help_lists_all_commands() {
    let help = weir(&["--help"], Path::new("."), &[]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert_snapshot!(help.stdout, @"
    A mock LLM and chain backend with accurate timing, and a load generator that reports its own
    measurement error

    Usage: weir <COMMAND>

    Commands:
      bench        Measure mixed load, streaming, and parallel versus sequential chain steps, in under a
                   minute
      serve        Serve mock LLM APIs and chain backends with simulated delays
      load         Load a target, and measure throughput, latency and time to first token
      init         Write a commented scenario for `weir load`
      report       Write reports again from summary.json, or merge several runs into one report
      chains       List, check, show and run chains locally, without a server
      models       List the models that can be simulated, or show the figures of one
      faults       List the faults that the server can simulate, or explain one of them
      schema       Print the JSON Schema of a file format, for validation and completion in editors, or
                   its reference
      completions  Print the completion script of a shell
      man          Write the manual pages, one file per subcommand
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version
    ");
}

#[test]
fn completions_names_every_subcommand_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let printed = weir(&["completions", shell], Path::new("."), &[]);
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{shell}");
        for command in
            ["bench", "serve", "load", "report", "chains", "faults", "schema", "completions", "man"]
        {
            assert!(printed.stdout.contains(command), "{shell} does not complete {command}");
        }
    }
    assert_eq!(weir(&["completions", "cmd"], Path::new("."), &[]).code, Some(2));
}

#[test]
fn man_writes_a_page_for_every_subcommand() {
    let folder = tempfile::tempdir().unwrap();
    let written = weir(&["man", "new/man1"], folder.path(), &[]);
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (Some(0), "", ""));
    for page in ["weir.1", "weir-load.1", "weir-chains-run.1", "weir-completions.1"] {
        let text = fs::read_to_string(folder.path().join("new/man1").join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}: {text}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    let failed = weir(&["man", "file"], folder.path(), &[]);
    assert_eq!(failed.code, Some(3));
    assert!(failed.stderr.contains("cannot write the manual pages to file"), "{}", failed.stderr);
}

#[test]
fn schema_scenario_is_printed() {
    let output = weir(&["schema", "scenario"], Path::new("."), &[]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let schema: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["properties"]["user"].is_object(), "{schema}");
}

#[test]
fn serve_help_lists_setting_sources() {
    assert_snapshot!(weir(&["serve", "--help"], Path::new("."), &[]).stdout, @"
    Serve mock LLM APIs and chain backends with simulated delays.

    Sources of settings, where later ones override earlier ones: defaults (config/server.toml),
    --config, environment (MAX_CONCURRENT_LLM_CALLS, ENABLE_PARALLEL_STEPS, CHAIN_TIMEOUT_SECONDS,
    WORKER_CONNECTIONS, ENABLE_LANGFUSE_EXPORT, ENABLE_ASYNC_TRACE_EXPORT, TRACK_MODEL_COSTS,
    ENABLE_SIMILARITY_LOGGING, then WEIR_TABLE_KEY), and these flags.

    Usage: weir serve [OPTIONS]

    Options:
          --config <FILE>
              TOML file with settings

          --bind <ADDR>
              Address and port to listen on [default: 127.0.0.1:8000]

          --port <N>
              Port to listen on; 0 selects a free one

          --time-scale <X>
              Multiply all simulated delays by X, 0 to 100 [default: 1]: 0.1 makes them ten times
              shorter

          --seed <N>
              Random seed: the same seed repeats texts and delays

          --models <PATH>
              Additional model profiles: a TOML file, or a folder of TOML files

          --chains <PATH>
              Additional chains: a TOML file, or a folder of TOML files

          --log <WHAT>
              Log to stderr: `requests`, one line per request with method, path, model, status, tokens,
              planned TTFT and duration

          --check
              Check the settings, models and chains, and exit without listening: 0 if they are valid, 2
              if not

          --until-stdin-closes
              Exit when stdin closes, for example when the parent process ends

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn unknown_arguments_are_usage_errors() {
    assert_snapshot!(startup_error(&["--prot", "1"], Path::new("."), &[]), @"
    error: unexpected argument '--prot' found

      tip: a similar argument exists: '--port'

    Usage: weir serve --port <N>

    For more information, try '--help'.
    ");
    assert_eq!(weir(&["srve"], Path::new("."), &[]).code, Some(2));
    assert_eq!(weir(&[], Path::new("."), &[]).code, Some(2));
}

#[test]
fn settings_unknown_key_names_file_line_and_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let error_with = |settings: &str| {
        fs::write(folder.path().join("weir.toml"), settings).unwrap();
        startup_error(&["--config", "weir.toml"], folder.path(), &[])
    };
    assert_snapshot!(error_with("[server]\nseed = 1\ntime_scal = 0.5\n"), @"
    error: weir.toml:3: server.time_scal: unknown key
      |
    3 | time_scal = 0.5
      | ^^^^^^^^^
      |
      = help: did you mean `time_scale`?
    ");
    assert_snapshot!(error_with("[server\n"), @"
    error: weir.toml:1: invalid TOML: unclosed table, expected `]`
      |
    1 | [server
      |        ^
    ");
    assert_snapshot!(error_with("[server]\ndrain = 10\n"), @r#"
    error: weir.toml:2: server.drain: 10 has no unit; write "10s" or "10ms" if that is what is meant
      |
    2 | drain = 10
      |         ^^
    "#);
    assert_snapshot!(error_with("[connectors]\nmine = 'gpt-4o-mni'\n"), @"
    error: weir.toml:2: connectors.mine: unknown model `gpt-4o-mni`
     |
     = help: did you mean `gpt-4o-mini`?
    ");
    assert_snapshot!(error_with("[agent_connector]\nmodels = ['fast', 'fsat']\n"), @"
    error: weir.toml:2: agent_connector.models[1]: unknown model `fsat`
      |
    2 | models = ['fast', 'fsat']
      |                   ^^^^^^
      |
      = help: did you mean `fast`?
    ");
    assert_snapshot!(error_with("[admission]\nrequests = '5 per minute'\n"), @r#"
    error: weir.toml:2: admission.requests: "5 per minute": "5 per minute" is not a valid amount; write a number, such as "10/s" or "200k/min"
      |
    2 | requests = '5 per minute'
      |            ^^^^^^^^^^^^^^
    "#);
}

#[test]
fn settings_error_in_unusual_file_shows_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let error_with = |settings: &str| {
        fs::write(folder.path().join("weir.toml"), settings).unwrap();
        startup_error(&["--config", "weir.toml"], folder.path(), &[])
    };
    assert_snapshot!(error_with("[server]\r\nseed = 1\r\n\ttime_scal\t= 0.5\r\n"), @"
    error: weir.toml:3: server.time_scal: unknown key
      |
    3 |  time_scal = 0.5
      |  ^^^^^^^^^
      |
      = help: did you mean `time_scale`?
    ");
    assert_snapshot!(error_with("models = { 'größe 日本' = 1, unknown = 'perhaps' }"), @r#"
    error: weir.toml:1: models."größe 日本": unknown key
      |
    1 | models = { 'größe 日本' = 1, unknown = 'perhaps' }
      |            ^^^^^^^^^^^^
      |
      = help: expected one of `unknown`, `unknown_ids`, `default`
    "#);
    assert_snapshot!(error_with("[server]\nport ="), @"
    error: weir.toml:2: invalid TOML: string values must be quoted, expected literal string
      |
    2 | port =
      |       ^
    ");
    assert_snapshot!(error_with("[server]\nbind = \"x\u{1b}[31m\u{202e}\""), @r#"
    error: weir.toml:2: invalid TOML: invalid basic string, expected non-double-quote visible characters, `\`
      |
    2 | bind = "x [31m�"
      |          ^
    "#);
    let long = error_with(&format!("models = {{ default = '{}', unknwn = 'accept' }}", "x".repeat(100_000)));
    assert!(long.starts_with("error: weir.toml:1: models.unknwn: unknown key\n"), "{long}");
    assert!(long.contains("unknwn = 'accept'") && long.len() < 1_000, "{long}");
    fs::write(folder.path().join("weir.toml"), [0xff, 0xfe]).unwrap();
    assert_snapshot!(startup_error(&["--config", "weir.toml"], folder.path(), &[]), @"error: cannot read weir.toml: the file is not UTF-8");
}

#[test]
fn settings_error_near_secret_shows_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let error_with = |settings: &str| {
        fs::write(folder.path().join("weir.toml"), settings).unwrap();
        let error = startup_error(&["--config", "weir.toml"], folder.path(), &[]);
        assert!(!error.contains("hush"), "{error}");
        error
    };
    assert_snapshot!(error_with("[[key]]\nname = 'a'\nsecert = 'hush'"), @"
    error: weir.toml:3: key[0].secert: unknown key
     |
     = help: did you mean `secret`?
    ");
    assert_snapshot!(error_with("[[key]]\nname = 'a'\nsecret = hush"), @"error: weir.toml:3: invalid TOML: string values must be quoted, expected literal string");
    assert_snapshot!(error_with("[upstream]\nurl = 'http://me:hush@host'\ntimout = '1s'"), @"
    error: weir.toml:3: upstream.timout: unknown key
      |
    3 | timout = '1s'
      | ^^^^^^
      |
      = help: did you mean `timeout`?
    ");
    error_with("[upstream]\nurl = 'http://me:hush@host");
    error_with("[[key]]\nname = 'a'\nsecret = 'hush");
    error_with("[key]\n\"a b\" = { secret = 'hush' }");
}

#[test]
fn missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(startup_error(&["--config", "nowhere.toml"], folder.path(), &[]), @"error: cannot read nowhere.toml: No such file or directory (os error 2)");
    assert_snapshot!(startup_error(&["--chains", "nowhere"], folder.path(), &[]), @"error: cannot read nowhere: No such file or directory (os error 2)");
}

#[test]
fn invalid_chains_and_models_name_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("c.toml"), "[chain.c.step.a]\nneeds = ['b']\ntool = { takes = '1s' }\n")
        .unwrap();
    assert_snapshot!(startup_error(&["--chains", "c.toml"], folder.path(), &[]), @"
    error: c.toml:2: chain.c.step.a.needs: there is no step `b`
      |
    2 | needs = ['b']
      |          ^^^
    ");
    fs::write(folder.path().join("m.toml"), "[model.m]\nsource = 'x'\nttft = '1 parsec'\n").unwrap();
    assert_snapshot!(startup_error(&["--models", "m.toml"], folder.path(), &[]), @r#"
    error: m.toml:3: model.m.ttft: "1 parsec": unknown unit "parsec"; h, m, s, ms, us and ns are known
      |
    3 | ttft = '1 parsec'
      |        ^^^^^^^^^^
    "#);
}

#[test]
fn invalid_environment_variable_is_named() {
    let output = |name, value| startup_error(&[], Path::new("."), &[(name, value)]);
    assert_snapshot!(output("MAX_CONCURRENT_LLM_CALLS", "many"), @r#"error: environment: MAX_CONCURRENT_LLM_CALLS="many": expected a whole number of at least 1"#);
    assert_snapshot!(output("WEIR_SERVER_TIME_SCALE", "-1"), @"error: environment: WEIR_SERVER_TIME_SCALE: expected a factor from 0 to 100, found -1");
    assert_snapshot!(output("CHAIN_TIMEOUT_SECONDS", "0"), @"error: environment: CHAIN_TIMEOUT_SECONDS: expected a duration above zero, found 0");
}

#[test]
fn invalid_setting_names_the_source_that_is_effective() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("weir.toml"), "[server]\ntime_scale = 101\n").unwrap();
    let error_with = |flags: &[&str], variables: &[(&str, &str)]| {
        startup_error(&[&["--config", "weir.toml"], flags].concat(), folder.path(), variables)
    };
    assert_snapshot!(error_with(&[], &[]), @"
    error: weir.toml:2: server.time_scale: expected a factor from 0 to 100, found 101
      |
    2 | time_scale = 101
      |              ^^^
    ");
    assert_snapshot!(error_with(&[], &[("WEIR_SERVER_TIME_SCALE", "102")]), @"error: environment: WEIR_SERVER_TIME_SCALE: expected a factor from 0 to 100, found 102");
    assert_snapshot!(error_with(&["--time-scale", "103"], &[("WEIR_SERVER_TIME_SCALE", "102")]), @"error: command line: --time-scale: expected a factor from 0 to 100, found 103");
}

#[test]
fn serve_port_in_use_names_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let output = startup_error(&["--port", &address.port().to_string()], Path::new("."), &[]);
    let (output, _) = output.split_once(" (os error").unwrap();
    assert_snapshot!(output.replace(&address.to_string(), "ADDRESS"), @"error: cannot listen on ADDRESS: Address already in use");
}

#[test]
fn serve_check_with_valid_settings_exits_without_listening() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = weir(&["serve", "--check", "--port", &port], Path::new("."), &[]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    assert_snapshot!(output.stdout, @"settings, models and chains are valid");
}

#[test]
fn serve_check_with_unknown_model_names_the_setting() {
    let error = startup_error(&["--check"], Path::new("."), &[("WEIR_MODELS_DEFAULT", "gtp-4o-mini")]);
    assert_snapshot!(error, @r"
    error: environment: WEIR_MODELS_DEFAULT: unknown model `gtp-4o-mini`
     |
     = help: did you mean `gpt-4o-mini`?
    ");
}
