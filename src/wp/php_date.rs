//! PHP's `date()` letters in English, and the dates that BuddyPress stores read back.
//!
//! What the time is and which zone a site lives in is told from outside.

/// What letters such as `T` and `P` print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `Europe/Oslo`, or `+02:00`.
    pub name: String,
    /// `CET`, or `GMT+0200`.
    pub abbreviation: String,
    /// Seconds east of Greenwich.
    pub offset: i64,
    /// Summer time.
    pub dst: bool,
}

impl Zone {
    /// A zone that is only an offset, as WordPress names it.
    #[must_use]
    pub fn fixed(offset: i64) -> Self {
        let abbreviation = format!("GMT{}", offset_text(offset, false));
        Self { abbreviation, name: offset_text(offset, true), offset, dst: false }
    }
}

/// Days since 1970-01-01 of a day in the Gregorian calendar; months and days beyond their range roll over.
#[must_use]
pub fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    // Counted from the first of March of year 0, so that leap days end a year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468 + day - 1
}

/// A moment in local time, taken apart.
#[derive(Clone, Copy, Debug)]
struct Parts {
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
}

impl Parts {
    fn of(local: i64) -> Self {
        let days = local.div_euclid(86_400);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        Self { days, year, month, day, second_of_day: local.rem_euclid(86_400) }
    }

    fn leap(self) -> bool {
        days_of(self.year, 3, 1) - days_of(self.year, 2, 1) == 29
    }

    /// Sunday is 0.
    fn weekday(self) -> i64 {
        (self.days + 4).rem_euclid(7)
    }

    fn day_of_year(self) -> i64 {
        self.days - days_of(self.year, 1, 1)
    }

    /// ISO 8601: the year that the week belongs to, and the week.
    fn iso_week(self) -> (i64, i64) {
        let thursday = self.days + 4 - iso_weekday(self.weekday());
        let year = Self::of(thursday * 86_400).year;
        (year, (thursday - days_of(year, 1, 1)) / 7 + 1)
    }
}

fn iso_weekday(weekday: i64) -> i64 {
    if weekday == 0 { 7 } else { weekday }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn name(names: &[&'static str], number: i64) -> &'static str {
    usize::try_from(number).ok().and_then(|number| names.get(number)).copied().unwrap_or_default()
}

/// WordPress `wp_date` of an English site, held against 6.1, 6.8 and 7.1. `local` are Unix seconds plus the
/// zone's offset.
#[must_use]
pub fn format(format: &[u8], local: i64, zone: &Zone) -> Vec<u8> {
    let parts = Parts::of(local);
    let mut out = Vec::with_capacity(format.len() * 2);
    let mut letters = format.iter();
    while let Some(&letter) = letters.next() {
        match letter {
            b'\\' => out.extend(letters.next()),
            b'c' => {
                // A year before the first has one digit less here than `Y` prints.
                out.extend_from_slice(format!("{:04}", parts.year).as_bytes());
                out.extend(self::format(b"-m-d\\TH:i:sP", local, zone));
            }
            b'r' => out.extend(self::format(b"D, d M Y H:i:s O", local, zone)),
            _ => match date_letter(letter, parts)
                .or_else(|| time_letter(letter, parts))
                .or_else(|| zone_letter(letter, local, zone))
            {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => out.push(letter),
            },
        }
    }
    out
}

fn date_letter(letter: u8, parts: Parts) -> Option<String> {
    let weekday = parts.weekday();
    Some(match letter {
        b'd' => format!("{:02}", parts.day),
        b'j' => parts.day.to_string(),
        b'D' => name(&WEEKDAYS, weekday).chars().take(3).collect(),
        b'l' => name(&WEEKDAYS, weekday).to_owned(),
        b'N' => iso_weekday(weekday).to_string(),
        b'w' => weekday.to_string(),
        b'S' => suffix(parts.day).to_owned(),
        b'z' => parts.day_of_year().to_string(),
        b'W' => format!("{:02}", parts.iso_week().1),
        b'o' => parts.iso_week().0.to_string(),
        b'F' => name(&MONTHS, parts.month - 1).to_owned(),
        b'M' => name(&MONTHS, parts.month - 1).chars().take(3).collect(),
        b'm' => format!("{:02}", parts.month),
        b'n' => parts.month.to_string(),
        b't' => (days_of(parts.year, parts.month + 1, 1) - days_of(parts.year, parts.month, 1)).to_string(),
        b'L' => i64::from(parts.leap()).to_string(),
        b'Y' => year(parts.year),
        b'x' if (0..=9999).contains(&parts.year) => year(parts.year),
        b'x' | b'X' => expanded_year(parts.year),
        b'y' => format!("{:02}", parts.year % 100),
        _ => return None,
    })
}

fn year(year: i64) -> String {
    if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") }
}

/// With a sign.
fn expanded_year(year: i64) -> String {
    format!("{}{:04}", if year < 0 { '-' } else { '+' }, year.abs())
}

fn suffix(day: i64) -> &'static str {
    match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

fn time_letter(letter: u8, parts: Parts) -> Option<String> {
    let second = parts.second_of_day;
    let hour = second / 3600;
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    Some(match letter {
        b'a' => (if hour < 12 { "am" } else { "pm" }).to_owned(),
        b'A' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
        b'g' => twelve.to_string(),
        b'G' => hour.to_string(),
        b'h' => format!("{twelve:02}"),
        b'H' => format!("{hour:02}"),
        b'i' => format!("{:02}", second / 60 % 60),
        b's' => format!("{:02}", second % 60),
        b'u' => "000000".to_owned(),
        b'v' => "000".to_owned(),
        _ => return None,
    })
}

fn zone_letter(letter: u8, local: i64, zone: &Zone) -> Option<String> {
    Some(match letter {
        b'e' => zone.name.clone(),
        b'T' => zone.abbreviation.clone(),
        b'p' if zone.offset == 0 => "Z".to_owned(),
        b'P' | b'p' => offset_text(zone.offset, true),
        b'O' => offset_text(zone.offset, false),
        b'Z' => zone.offset.to_string(),
        b'I' => i64::from(zone.dst).to_string(),
        b'U' => (local - zone.offset).to_string(),
        b'B' => {
            // Swatch beats: thousandths of a day in UTC+1.
            let second = (local - zone.offset + 3600).rem_euclid(86_400);
            format!("{:03}", second * 10 / 864)
        }
        _ => return None,
    })
}

fn offset_text(offset: i64, colon: bool) -> String {
    let minutes = offset.abs() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}

/// `strtotime()` of the forms in which BuddyPress and others store a date: `Y-m-d`, perhaps with a time. Days that
/// a month does not have roll over, as in PHP; what PHP refuses, and every other form, is `None`.
#[must_use]
pub fn parse(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim_ascii();
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, time.trim_start()),
        None => (text, ""),
    };
    let mut numbers = date.split('-');
    let year = digits(numbers.next()?, 4, 4)?;
    let month = digits(numbers.next()?, 1, 2).filter(|month| *month <= 12)?;
    let day = digits(numbers.next()?, 1, 2).filter(|day| *day <= 31)?;
    if numbers.next().is_some() {
        return None;
    }
    Some(days_of(year, month, day) * 86_400 + clock(time)?)
}

fn clock(time: &str) -> Option<i64> {
    let time = time.strip_suffix('Z').unwrap_or(time);
    if time.is_empty() {
        return Some(0);
    }
    let mut numbers = time.split(':');
    let hour = digits(numbers.next()?, 1, 2).filter(|hour| *hour <= 24)?;
    let minute = digits(numbers.next()?, 1, 2).filter(|minute| *minute < 60)?;
    let second = match numbers.next() {
        Some(second) => digits(second, 1, 2).filter(|second| *second <= 60)?,
        None => 0,
    };
    numbers.next().is_none().then_some(hour * 3600 + minute * 60 + second)
}

fn digits(text: &str, least: usize, most: usize) -> Option<i64> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(letters: &str, date: &str) -> String {
        let zone = Zone { name: "UTC".to_owned(), abbreviation: "UTC".to_owned(), ..Zone::fixed(0) };
        String::from_utf8(format(letters.as_bytes(), parse(date.as_bytes()).unwrap(), &zone)).unwrap()
    }

    #[test]
    fn letters_print_what_php_prints() {
        let date = "1990-05-17 13:04:09";
        assert_eq!(
            shown("d D j l N S w z W o F m M n t L Y y", date),
            "17 Thu 17 Thursday 4 th 4 136 20 1990 May 05 May 5 31 0 1990 90"
        );
        assert_eq!(shown("a A g G h H i s u v", date), "pm PM 1 13 01 13 04 09 000000 000");
        assert_eq!(
            shown("c | r | U", date),
            "1990-05-17T13:04:09+00:00 | Thu, 17 May 1990 13:04:09 +0000 | 642949449"
        );
        assert_eq!(shown("\\Y\\\\ jS \\of F", date), "Y\\ 17th of May");
    }

    #[test]
    fn impossible_days_roll_over() {
        assert_eq!(shown("Y-m-d", "2023-02-31 00:00:00"), "2023-03-03");
        assert_eq!(shown("Y-m-d", "2020-00-00"), "2019-11-30");
        assert_eq!(shown("Y-m-d", "0000-00-00 00:00:00"), "-0001-11-30");
        for bad in ["2020-99-99 00:00:00", "2020-13-01", "2020-01-32", "", "soon", "20-1-1", "2020-1"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn weeks_belong_to_the_year_of_their_thursday() {
        assert_eq!(shown("o-W", "2021-01-03"), "2020-53");
        assert_eq!(shown("o-W", "2024-12-30"), "2025-01");
    }
}
