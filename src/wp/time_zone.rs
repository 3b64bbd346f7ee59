//! The site's own time zone: `wp_timezone()`, and a moment written as the tables hold it.
//!
//! The IANA database is compiled in. What time it is does not belong here.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::php_date::Zone;

/// The zone of the options `timezone_string` and `gmt_offset`.
#[derive(Clone, Debug)]
pub struct SiteZone(TimeZone);

impl SiteZone {
    /// A name of the IANA database if there is one, else a fixed offset in hours (`5.75` is +05:45). A name that
    /// nobody knows, with which WordPress cannot run, gives the offset too.
    #[must_use]
    pub fn new(timezone_string: &str, gmt_offset: &str) -> Self {
        let named = match timezone_string {
            "" => None,
            name => TimeZoneDatabase::bundled().get(name).ok(),
        };
        Self(named.unwrap_or_else(|| fixed(gmt_offset)))
    }

    /// Greenwich.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The clock on the wall at that Unix time, in seconds as if it were Greenwich's.
    #[must_use]
    pub fn local(&self, unix: i64) -> i64 {
        let moment = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
        unix.saturating_add(i64::from(self.0.to_offset(moment).seconds()))
    }

    /// What PHP's `date()` letters print of the zone when its clock shows `local`.
    #[must_use]
    pub fn at_local(&self, local: i64) -> Zone {
        let clock = Offset::UTC.to_datetime(Timestamp::from_second(local).unwrap_or(Timestamp::UNIX_EPOCH));
        let moment = clock.to_zoned(self.0.clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        let info = self.0.to_offset_info(moment);
        let fixed = Zone::fixed(i64::from(info.offset().seconds()));
        match self.0.iana_name() {
            Some(name) if name != "UTC" => Zone {
                name: name.to_owned(),
                abbreviation: info.abbreviation().to_owned(),
                dst: info.dst().is_dst(),
                ..fixed
            },
            _ => fixed,
        }
    }

    /// `current_time( 'mysql' )` at that Unix time: `YYYY-MM-DD hh:mm:ss`.
    #[must_use]
    pub fn mysql(&self, unix: i64) -> String {
        let moment = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
        moment.to_zoned(self.0.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// The Unix time of a GMT date as the tables hold it; `None` for a zero date.
#[must_use]
pub fn unix_of_gmt(date: &str) -> Option<i64> {
    let date = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", date).ok()?;
    date.to_zoned(TimeZone::UTC).ok().map(|moment| moment.timestamp().as_second())
}

/// `(float) $gmt_offset` cut to whole minutes, as WordPress writes it into the zone's name.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the numbers is held at their end, and refused"
)]
fn fixed(gmt_offset: &str) -> TimeZone {
    let hours: f64 = gmt_offset.trim().parse().unwrap_or(0.0);
    let minutes = hours.trunc().abs() * 60.0 + (hours.fract().abs() * 60.0).trunc();
    let seconds = (minutes * 60.0).copysign(hours) as i64;
    let offset = i32::try_from(seconds).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
    offset.map_or(TimeZone::UTC, TimeZone::fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(zone: &str, offset: &str, unix: i64) -> String {
        SiteZone::new(zone, offset).mysql(unix)
    }

    #[test]
    fn the_letters_of_a_zone_are_those_of_the_moment() {
        let berlin = SiteZone::new("Europe/Berlin", "");
        let summer = berlin.at_local(1_782_000_000);
        assert_eq!((summer.abbreviation.as_str(), summer.offset, summer.dst), ("CEST", 7200, true));
        assert_eq!(berlin.at_local(1_795_288_302).abbreviation, "CET");
        assert_eq!(berlin.local(1_795_288_302), 1_795_288_302 + 3600);
        assert_eq!(SiteZone::new("", "5.75").at_local(0), Zone::fixed(20_700));
        assert_eq!(SiteZone::new("", "0").at_local(0), Zone::fixed(0));
    }

    #[test]
    fn a_named_zone_knows_its_summer_time() {
        assert_eq!(local("Europe/Berlin", "0", 1_795_288_302), "2026-11-21 20:11:42");
        assert_eq!(local("Europe/Berlin", "0", 1_782_000_000), "2026-06-21 02:00:00");
        assert_eq!(local("america/st_johns", "", 1_782_000_000), "2026-06-20 21:30:00");
    }

    #[test]
    fn an_offset_may_be_a_fraction_and_negative() {
        assert_eq!(local("", "5.75", 0), "1970-01-01 05:45:00");
        assert_eq!(local("", "-3.5", 0), "1969-12-31 20:30:00");
        assert_eq!(local("", "-0.5", 0), "1969-12-31 23:30:00");
        assert_eq!(local("", "", 0), "1970-01-01 00:00:00");
        assert_eq!(local("", "1e300", 0), "1970-01-01 00:00:00");
        assert_eq!(local("Mars/Olympus", "2", 0), "1970-01-01 02:00:00");
    }

    #[test]
    fn a_gmt_date_is_read_back_and_a_zero_date_is_none() {
        assert_eq!(unix_of_gmt("2026-11-21 19:11:42"), Some(1_795_288_302));
        assert_eq!(unix_of_gmt("0000-00-00 00:00:00"), None);
    }
}
