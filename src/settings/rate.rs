//! A budget as one writes it: `20/10m`, twenty in ten minutes.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// So many in that time: all at once if one likes, and evenly from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which time.
    pub period: Duration,
}

impl Rate {
    /// One in a second.
    pub const LEAST: Self = Self { count: NonZeroU32::MIN, period: Duration::from_secs(1) };

    /// The time after which one more is allowed.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.period / self.count.get()
    }
}

impl FromStr for Rate {
    type Err = ();

    /// A number, a slash, and a time: a number of `s`, `m`, `h` or `d`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (count, period) = text.trim().split_once('/').ok_or(())?;
        let (number, unit) = period.split_at_checked(period.len().saturating_sub(1)).ok_or(())?;
        let seconds: u64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(()),
        };
        let number: u32 = number.parse().map_err(drop)?;
        let rate = Self {
            count: count.parse().map_err(drop)?,
            period: Duration::from_secs(u64::from(number) * seconds),
        };
        // A year is longer than any attack; a microsecond is no limit.
        let sensible =
            rate.period <= Duration::from_hours(24 * 366) && rate.interval() >= Duration::from_micros(1);
        sensible.then_some(rate).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_as_so_many_in_that_time() {
        let rate: Rate = "20/10m".parse().unwrap();
        assert_eq!((rate.count.get(), rate.period.as_secs(), rate.interval().as_secs()), (20, 600, 30));
        assert_eq!("1/1s".parse::<Rate>().unwrap().period.as_secs(), 1);
        assert_eq!("3/2h".parse::<Rate>().unwrap().period.as_secs(), 7200);
        assert_eq!("3/1d".parse::<Rate>().unwrap().period.as_secs(), 86_400);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "", "20", "20/", "/10m", "0/10m", "20/m", "20/10", "20/0s", "-1/1m", "20/10é", "20/10w",
            "9/9999d",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(()), "{text}");
        }
    }
}
