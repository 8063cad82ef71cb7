//! Runs a parser on the inputs of its corpus and on changed copies of them.

use std::{
    cell::Cell,
    fs,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook},
    path::{Path, PathBuf},
    process,
    sync::{Mutex, Once, mpsc},
    thread,
    time::{Duration, Instant},
};

use weir_pace::Seed;

use crate::{corpus, dice::Dice, mutator::mutate};

/// The number of changed inputs, unless `FUZZ_CASES` is set.
const CASES: u64 = 150;

/// The longest time that one input may take. A busy machine needs less for any valid one.
const CASE_TIME_MAX: Duration = Duration::from_secs(60);

/// The longest text of an error.
const ERROR_BYTES_MAX: usize = 64 << 10;

static PANICS_OF_OTHER_THREADS: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    static IN_CASE: Cell<bool> = const { Cell::new(false) };
}

/// A parser: fails with the text of its error.
pub(crate) type Parser<'a> = &'a dyn Fn(&[u8], &mut Dice) -> Result<(), String>;

/// When a run ends.
enum Limit {
    Cases(u64),
    Until(Instant),
}

impl Limit {
    fn from_environment() -> Self {
        match (number("FUZZ_SECONDS"), number("FUZZ_CASES")) {
            (Some(seconds), _) => Self::Until(Instant::now() + Duration::from_secs(seconds)),
            (None, cases) => Self::Cases(cases.unwrap_or(CASES)),
        }
    }

    fn is_reached(&self, done: u64) -> bool {
        match self {
            Self::Cases(cases) => done >= *cases,
            Self::Until(end) => Instant::now() >= *end,
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}: expected a whole number, found {text:?}")))
}

/// Runs `parse` on all inputs of the corpus `name`, on `more` inputs, and on changed copies.
///
/// Fails on a panic, an input that takes too long, or an error text with control characters; the input is kept then.
pub(crate) fn fuzz(name: &str, more: Vec<Vec<u8>>, parse: Parser<'_>) {
    keep_panics_of_other_threads();
    let mut seeds = corpus::of(name);
    seeds.extend(more);
    let kept = kept_inputs(name);
    let watchdog = Watchdog::start(name.to_owned(), kept.clone());
    let mut run = Run { name, kept, parse, accepted: 0, refused: 0, slowest: (Duration::ZERO, 0) };
    for (at, seed) in seeds.iter().enumerate() {
        run.case(seed, &mut Dice::new(Seed::new(at as u64)));
        watchdog.case_is_done();
    }
    assert!(run.accepted > 0, "no input of the corpus `{name}` is valid");
    let (limit, seed) = (Limit::from_environment(), Seed::new(number("FUZZ_SEED").unwrap_or(0)).named(name));
    let mut done = 0;
    while !limit.is_reached(done) {
        let mut dice = Dice::new(seed.derive(done));
        let input = mutate(&seeds[dice.below(seeds.len())], &seeds, &mut dice);
        run.case(&input, &mut dice);
        watchdog.case_is_done();
        done += 1;
    }
    assert!(done < 100 || run.refused > 0, "no changed input of `{name}` was refused");
    let (slowest, bytes) = run.slowest;
    println!(
        "{name}: {} inputs accepted, {} refused; the slowest took {slowest:.1?} ({bytes} bytes)",
        run.accepted, run.refused
    );
}

/// The file of the input that is being parsed; it remains if the process aborts.
fn kept_inputs(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

struct Run<'a> {
    name: &'a str,
    kept: PathBuf,
    parse: Parser<'a>,
    accepted: u64,
    refused: u64,
    /// The duration and the size of the input that took longest, which is kept too.
    slowest: (Duration, usize),
}

impl Run<'_> {
    fn case(&mut self, input: &[u8], dice: &mut Dice) {
        fs::write(&self.kept, input).unwrap();
        let start = Instant::now();
        IN_CASE.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| (self.parse)(input, dice)));
        IN_CASE.set(false);
        if self.slowest.0 < start.elapsed() {
            self.slowest = (start.elapsed(), input.len());
            fs::write(self.kept.with_extension("slowest"), input).unwrap();
        }
        let panics = std::mem::take(&mut *PANICS_OF_OTHER_THREADS.lock().unwrap());
        assert!(panics.is_empty(), "{}: another thread panicked: {panics:?}", self.advice());
        match result {
            Err(_) => panic!("{}: panic", self.advice()),
            Ok(Ok(())) => self.accepted += 1,
            Ok(Err(error)) => {
                self.refused += 1;
                let is_hidden = error.chars().any(char::is_control);
                assert!(!is_hidden, "{}: error with control characters: {error:?}", self.advice());
                assert!(error.len() <= ERROR_BYTES_MAX, "{}: error of {} bytes", self.advice(), error.len());
                assert!(!error.is_empty(), "{}: error without a text", self.advice());
            }
        }
    }

    fn advice(&self) -> String {
        format!("copy {} to tests/hostile/corpus/{}/", self.kept.display(), self.name)
    }
}

/// Ends the process if one input takes too long.
struct Watchdog(mpsc::Sender<()>);

impl Watchdog {
    fn start(name: String, kept: PathBuf) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            loop {
                match receiver.recv_timeout(CASE_TIME_MAX) {
                    Ok(()) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        eprintln!("{name}: an input takes longer than {CASE_TIME_MAX:?}: {}", kept.display());
                        process::abort();
                    }
                }
            }
        });
        Self(sender)
    }

    fn case_is_done(&self) {
        self.0.send(()).unwrap();
    }
}

/// Panics of a server's threads do not reach the test by themselves.
fn keep_panics_of_other_threads() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let is_test =
                thread::current().name().is_some_and(|name| name == "main" || name.contains("::fuzz_"));
            if !IN_CASE.get() && !is_test {
                PANICS_OF_OTHER_THREADS.lock().unwrap().push(info.to_string());
            }
            default(info);
        }));
    });
}
