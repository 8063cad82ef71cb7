//! A level over time.

use std::time::Duration;

/// A level over time, of users or of a rate: straight lines, one after another from 0 on. After the last it stays.
///
/// Levels are 0 or more; one that is less, or no number, counts as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Never empty: the last one goes on for ever.
    lines: Vec<Line>,
}

/// A part of a [`Curve`].
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Line {
    /// Seconds from the beginning of the curve to that of the line.
    pub begins_s: f64,
    /// Its length in seconds; infinite for the last one.
    pub lasts_s: f64,
    /// The level at its beginning.
    pub from: f64,
    /// The level at its end.
    pub to: f64,
    /// The area under all lines before it.
    area_before: f64,
}

impl Curve {
    /// The same level for ever, until something is appended.
    #[must_use]
    pub fn at(level: f64) -> Self {
        Self { lines: vec![Line::endless(0.0, level.max(0.0), 0.0)] }
    }

    /// Goes from the level so far to another one in a straight line.
    #[must_use]
    pub fn ramp(mut self, to: f64, over: Duration) -> Self {
        if over.is_zero() {
            return self.jump(to);
        }
        if let Some(last) = self.lines.pop() {
            let line = Line { lasts_s: over.as_secs_f64(), to: to.max(0.0), ..last };
            self.lines.extend([line, Line::endless(line.ends_s(), line.to, line.area_until(line.lasts_s))]);
        }
        self
    }

    /// Goes on at another level.
    #[must_use]
    pub fn jump(mut self, to: f64) -> Self {
        if let Some(last) = self.lines.pop() {
            self.lines.push(Line::endless(last.begins_s, to.max(0.0), last.area_before));
        }
        self
    }

    /// Stays for so long before what is appended next.
    #[must_use]
    pub fn hold(self, length: Duration) -> Self {
        let level = self.lines.last().map_or(0.0, |last| last.to);
        if length.is_zero() { self } else { self.ramp(level, length) }
    }

    /// The line of that number, counted from 0; each begins where the one before ends.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<Line> {
        self.lines.get(number).copied()
    }

    /// The highest level that it comes to.
    #[must_use]
    pub fn highest(&self) -> f64 {
        self.lines.iter().flat_map(|line| [line.from, line.to]).fold(0.0, f64::max)
    }

    /// The level so long after the beginning; where it jumps, that after the jump.
    #[must_use]
    pub fn level_at(&self, offset: Duration) -> f64 {
        let offset_s = offset.as_secs_f64();
        self.last_line(|line| line.begins_s <= offset_s)
            .map_or(0.0, |line| line.level_at(offset_s - line.begins_s))
    }

    /// The area under the curve up to there: arrivals, when the level is their rate.
    #[must_use]
    pub fn area_until(&self, offset: Duration) -> f64 {
        let offset_s = offset.as_secs_f64();
        self.last_line(|line| line.begins_s <= offset_s)
            .map_or(0.0, |line| line.area_until(offset_s - line.begins_s))
    }

    /// How long after the beginning the area under the curve has grown to `area`; `None` when it never does.
    ///
    /// Each answer is computed afresh, so that no rounding adds up over a row of them.
    #[must_use]
    pub fn when_area_is(&self, area: f64) -> Option<Duration> {
        let line = self.last_line(|line| line.area_before <= area)?;
        let offset_s = line.begins_s + line.when_area_is(area)?;
        Some(Duration::try_from_secs_f64(offset_s).unwrap_or(Duration::MAX))
    }

    /// The last line of which `holds` is true; it is true of all lines up to some one, and false of the others.
    fn last_line(&self, holds: impl Fn(&Line) -> bool) -> Option<&Line> {
        let after = self.lines.partition_point(holds);
        self.lines.get(after.checked_sub(1)?)
    }
}

impl Line {
    fn endless(begins_s: f64, level: f64, area_before: f64) -> Self {
        Self { begins_s, lasts_s: f64::INFINITY, from: level, to: level, area_before }
    }

    fn ends_s(&self) -> f64 {
        self.begins_s + self.lasts_s
    }

    /// By how much the level rises in a second.
    fn slope(&self) -> f64 {
        (self.to - self.from) / self.lasts_s
    }

    fn level_at(&self, since_s: f64) -> f64 {
        (self.from + self.slope() * since_s).max(0.0)
    }

    fn area_until(&self, since_s: f64) -> f64 {
        self.area_before + (self.from + self.level_at(since_s)) / 2.0 * since_s
    }

    /// Seconds from the line's beginning.
    fn when_area_is(&self, area: f64) -> Option<f64> {
        let area = area - self.area_before;
        // The root of `from · t + slope / 2 · t² = area` in the form that loses no digits when the slope is small.
        let root = (self.from * self.from + 2.0 * self.slope() * area).max(0.0).sqrt();
        let twice_mean = self.from + root;
        if twice_mean > 0.0 {
            return Some((2.0 * area / twice_mean).min(self.lasts_s));
        }
        // The level is zero where the line begins: it holds no area but that of its first instant.
        self.lasts_s.is_finite().then_some(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    /// Up to 50 in 10 s, 20 s there, at once to 200 for 10 s, down to nothing in 10 s.
    fn spike() -> Curve {
        Curve::at(0.0).ramp(50.0, S(10)).hold(S(20)).jump(200.0).hold(S(10)).ramp(0.0, S(10))
    }

    #[test]
    fn levels_and_areas() {
        let levels: Vec<f64> =
            [0, 5, 10, 29, 30, 39, 45, 50, 99].map(|s| spike().level_at(S(s))).into_iter().collect();
        assert_eq!(levels, [0.0, 25.0, 50.0, 50.0, 200.0, 200.0, 100.0, 0.0, 0.0]);
        let areas: Vec<f64> = [0, 5, 10, 30, 40, 50, 99].map(|s| spike().area_until(S(s))).into();
        assert_eq!(areas, [0.0, 62.5, 250.0, 1250.0, 3250.0, 4250.0, 4250.0]);
        assert_eq!(spike().highest(), 200.0);
    }

    #[test]
    fn an_area_is_reached_at_one_instant_or_never() {
        let when = |area| spike().when_area_is(area);
        assert_eq!(when(0.0), Some(S(0)));
        assert_eq!(when(62.5), Some(S(5)));
        assert_eq!(when(750.0), Some(S(20)));
        assert_eq!(when(3250.0), Some(S(40)));
        assert_eq!(when(4251.0), None);
        // Nothing arrives while the rate is zero.
        let late = Curve::at(0.0).hold(S(10)).jump(2.0);
        assert_eq!(
            (late.when_area_is(0.0), late.when_area_is(1.0)),
            (Some(S(10)), Some(Duration::from_millis(10_500)))
        );
        assert_eq!(Curve::at(0.0).when_area_is(0.0), None);
    }

    #[test]
    fn what_is_no_level_is_zero() {
        assert_eq!(Curve::at(f64::NAN).ramp(-3.0, S(1)).level_at(S(1)), 0.0);
    }

    fn any_curve() -> impl Strategy<Value = Curve> {
        let step = (0..3_u8, 0.0..500.0_f64, 1..60_000_u64);
        (0.0..500.0_f64, proptest::collection::vec(step, 0..8)).prop_map(|(level, steps)| {
            steps.into_iter().fold(Curve::at(level), |curve, (kind, to, ms)| match kind {
                0 => curve.jump(to),
                1 => curve.hold(Duration::from_millis(ms)),
                _ => curve.ramp(to, Duration::from_millis(ms)),
            })
        })
    }

    proptest! {
        #[test]
        fn instant_and_area_are_inverse(curve in any_curve(), share in 0.0..1.0_f64) {
            let area = share * curve.area_until(S(600));
            if let Some(when) = curve.when_area_is(area) {
                let again = curve.area_until(when);
                prop_assert!((again - area).abs() <= 1e-6 * area.max(1.0), "{} became {}", area, again);
            } else {
                prop_assert!(curve.level_at(Duration::MAX) == 0.0);
            }
        }

        #[test]
        fn later_arrivals_come_later(curve in any_curve(), first in 0.0..1e4_f64, more in 0.0..100.0_f64) {
            let [first, second] = [first, first + more].map(|area| curve.when_area_is(area).unwrap_or(Duration::MAX));
            prop_assert!(first <= second);
        }
    }
}
