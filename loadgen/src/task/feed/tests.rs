use std::collections::BTreeSet;

use minijinja::value::Value;
use proptest::prelude::*;
use weir_pace::Seed;

use super::*;

fn feeds(rows: u64, order: Order) -> Feeds {
    let rows = (0..rows).map(Value::from).collect();
    Feeds::new(vec![Feed { name: "f".to_owned(), columns: None, rows, order }])
}

fn take(feeds: &Feeds, cursors: &Cursors, user: u64, rng: &mut weir_pace::Rng) -> u64 {
    let feed = feeds.get(0).unwrap();
    cursors.take(feed, 0, user, rng).unwrap().to_string().parse().unwrap()
}

#[test]
fn take_unique_feed_gives_each_user_its_row() {
    let feeds = feeds(5, Order::Unique);
    let cursors = Cursors::new(&feeds, 0, 1);
    let mut rng = Seed::new(1).rng();
    let rows: Vec<u64> = [3, 0, 3, 4].map(|user| take(&feeds, &cursors, user, &mut rng)).into();
    assert_eq!(rows, [3, 0, 3, 4]);
}

#[test]
fn take_random_feed_depends_on_seed() {
    let feeds = feeds(1000, Order::Random);
    let cursors = Cursors::new(&feeds, 0, 1);
    let draw = |seed| {
        let mut rng = Seed::new(seed).rng();
        (0..50).map(|_| take(&feeds, &cursors, 0, &mut rng)).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

proptest! {
    #[test]
    fn take_sequential_feed_gives_each_row_once_before_repeating(workers in 1..7_u64, rounds in 1..20_u64) {
        let rows = workers * rounds;
        let feeds = feeds(rows, Order::Sequential);
        let mut rng = Seed::new(1).rng();
        let mut taken = BTreeSet::new();
        for worker in 0..workers {
            let cursors = Cursors::new(&feeds, worker, workers);
            for _ in 0..rounds {
                prop_assert!(taken.insert(take(&feeds, &cursors, 0, &mut rng)));
            }
            // Then the worker starts again.
            prop_assert_eq!(take(&feeds, &cursors, 0, &mut rng), worker);
        }
        prop_assert_eq!(taken.len() as u64, rows);
    }
}
