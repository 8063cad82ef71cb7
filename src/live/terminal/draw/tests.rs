//! Tests of the screen at common sizes.

use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend};

use super::{
    screen,
    shown::{Ending, Shown},
};
use crate::live::view::{View, testing};

fn shown() -> Shown {
    Shown {
        view: Some(View::of(&testing::summary())),
        users_wanted: Some(60),
        ..Shown::new("weir load chat-streaming".to_owned())
    }
}

/// Returns the lines of a screen, without trailing blanks.
fn drawn(shown: &Shown, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen(frame, shown)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn draw_wide_screen_has_everything() {
    insta::assert_snapshot!(drawn(&shown(), 130, 32), @"
    weir load chat-streaming  http://127.0.0.1:8000                                                          50 of 60 users  running
    0:12 of 0:30 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━─────────────────────────────────────────────────────────────────────

    req/s 5 s    errors 5 s   e2e p95      TTFT p50     tok/s 5 s    in flight    completed    failed
    40.0         4.76 %       1.20 s       805 ms       2 560        48           360          12

    task             done    failed  mean rps  tokens/s   e2e p50   e2e p95   e2e p99  TTFT p50  TTFT p95   ITL p50
    all               360        12      40.0     2 560    1.01 s    1.20 s    1.21 s    805 ms    951 ms   12.0 ms
    chat stream       270         9      30.0     1 920    1.01 s    1.20 s    1.21 s    805 ms    951 ms   12.0 ms
    chat               90         3      10.0              1.01 s    1.20 s       n/a

    req/s, last second  40.0                               max 40.0  e2e p95  1.81 s                                      max 2.09 s
    ████████████                                                     ▃▇█▅   ▃▇█▅
    ████████████                                                     █████▆▇█████
    ████████████                                                     ████████████
    ████████████                                                     ████████████
    ████████████                                                     ████████████
    ████████████                                                     ████████████
    ████████████                                                     ████████████
    TTFT p50  615 ms                                     max 708 ms  failed/s, last second  2.00                            max 2.00
    ▃▇█▅   ▃▇█▅                                                            ██████
    █████▆▇█████                                                           ██████
    ████████████                                                           ██████
    ████████████                                                           ██████
    ████████████                                                           ██████
    ████████████                                                           ██████
    ████████████                                                           ██████

    generator: lateness p99 119 µs, lag p99 179 µs, CPU 21.0 %      7 × http_503  chat stream  last at 0:12  503: overloaded, try ag
                                                                    3 × timeout_headers  chat  last at 0:10  503: overloaded, try ag
                                                                    2 × reset  chat stream  last at 0:07  503: overloaded, try again
    q stop   + - users   p classes   ? help
    ");
}

#[test]
fn draw_ordinary_screen_has_the_main_parts() {
    insta::assert_snapshot!(drawn(&shown(), 80, 24), @"
    weir load chat-streaming  http://127.0.0.1:8000        50 of 60 users  running
    0:12 of 0:30 ━━━━━━━━━━━━━━━━━━━━━━━━━━───────────────────────────────────────

    req/s 5 s    errors 5 s   e2e p95      TTFT p50     tok/s 5 s    in flight
    40.0         4.76 %       1.20 s       805 ms       2 560        48

    task             done    failed  mean rps   e2e p50   e2e p95  TTFT p50
    all               360        12      40.0    1.01 s    1.20 s    805 ms
    chat stream       270         9      30.0    1.01 s    1.20 s    805 ms
    chat               90         3      10.0    1.01 s    1.20 s

    req/s, last second  40.0      max 40.0  e2e p95  1.81 s             max 2.09 s
    ████████████                            ▆▇█▇▅▅▅▆▇█▇▅
    ████████████                            ████████████
    TTFT p50  615 ms            max 708 ms  failed/s, last second  2.00   max 2.00
    ▆▇█▇▅▅▅▆▇█▇▅                                  ██████
    ████████████                                  ██████


    generator: lateness p99 119 µs, lag p99 179 µs, CPU 21.0 %
    7 × http_503  chat stream  last at 0:12  503: overloaded, try again
    3 × timeout_headers  chat  last at 0:10  503: overloaded, try again
    2 × reset  chat stream  last at 0:07  503: overloaded, try again
    q stop   + - users   p classes   ? help
    ");
}

#[test]
fn draw_large_screen_has_charts_that_fill_it() {
    let text = drawn(&shown(), 200, 50);
    let blank = text.lines().filter(|line| line.is_empty()).count();
    assert!(blank <= 6, "{blank} blank lines:\n{text}");
    assert_eq!(text.matches(" max ").count(), 4, "each chart has its scale:\n{text}");
}

#[test]
fn draw_tiny_screen_has_rate_and_errors() {
    insta::assert_snapshot!(drawn(&shown(), 40, 10), @"
    weir load chat 50 of 60 users  running
    0:12 of 0:30 ━━━━━━━━━━───────────────
    req/s 5 s    errors 5 s
    40.0         4.76 %
    task           failed  mean rps
    all                12      40.0
    chat stream         9      30.0
    generator: lateness p99 119 µs, lag p9
    7 × http_503  chat stream  last at 0:1
    q stop   + - users   p classes   ? help
    ");
}

#[test]
fn draw_before_the_first_second_has_title_and_keys() {
    let shown = Shown::new("weir load chat".to_owned());
    insta::assert_snapshot!(drawn(&shown, 60, 6), @r"
    weir load chat                                    starting
    starting ...



    q stop   p classes   ? help
    ");
}

#[test]
fn draw_help_lists_the_keys() {
    let mut shown = shown();
    shown.turn_help();
    insta::assert_snapshot!(drawn(&shown, 80, 12), @r"
    weir load chat-streaming  http://127.0.0.1:8000        50 of 60 users  running
    0:12 of 0:30 ━━━━━━━━━━━━━━━━━━━━━━━━━━───────────────────────────────────────
    req/s┌ keys ────────────────────────────────────────────────────────────┐t
    40.0 │ q, ctrl-C      end the run and report it; once more: at once     │
    task │ + -, ↑ ↓       a tenth more users or fewer                       │
    all  │ ctrl-↑ ctrl-↓  ten times that                                    │
    chat │ p              figures by task or by class                       │
    gener│ page up, down  more rows of the table                            │
    7 × h│ ?              this help                                         │
    3 × t└──────────────────────────────────────────────────────────────────┘
    2 × reset  chat stream  last at 0:07  503: overloaded, try again
    q stop   + - users   p classes   ? help
    ");
}

#[test]
fn draw_table_switches_to_classes_and_scrolls() {
    let mut shown = shown();
    shown.scroll_by(99);
    assert_eq!(shown.scroll, 1);
    assert!(!drawn(&shown, 100, 30).contains("chat stream       270"));
    shown.scroll_by(-99);
    assert!(drawn(&shown, 100, 30).contains("chat stream       270"));
    shown.turn_table();
    let text = drawn(&shown, 100, 30);
    assert!(text.contains("reader") && text.contains("writer"), "{text}");
}

#[test]
fn draw_ending_run_shows_it() {
    let ending = |ending| drawn(&Shown { ending, ..shown() }, 100, 30);
    assert!(ending(Ending::Soon).contains("ending") && ending(Ending::Soon).contains("stop at once"));
    assert!(ending(Ending::Now).contains("cut"));
}

#[test]
fn draw_invalid_run_shows_it_on_small_screens() {
    let mut shown = shown();
    let reason = "requests were started late, p99 12.0 ms; 10.0 ms is tolerated";
    if let Some(view) = &mut shown.view {
        view.generator.invalid = vec![reason.to_owned()];
    }
    assert!(drawn(&shown, 80, 24).contains(&format!("INVALID: {reason}")));
    assert!(drawn(&shown, 60, 14).contains("INVALID"), "{}", drawn(&shown, 60, 14));
}

proptest! {
    #[test]
    fn draw_at_any_size_never_panics(width in 0_u16..180, height in 0_u16..60, tasks in 0_usize..60, help: bool) {
        let mut shown = shown();
        if let Some(view) = &mut shown.view {
            let row = view.all.clone();
            view.tasks = vec![row; tasks];
        }
        if help {
            shown.turn_help();
        }
        drawn(&shown, width, height);
    }
}
