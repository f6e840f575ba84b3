//! Points in time as sessions write them: seconds, in UTC.

use std::{
    fmt,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// A second, in UTC. Written `2026-11-25T16:30:00Z`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct Moment {
    secs: u64,
}

const DAY: u64 = 86_400;

impl Moment {
    /// The present; a clock before 1970 counts as 1970.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self { secs: since.map_or(0, |since| since.as_secs()) }
    }

    /// Seconds after the beginning of 1970.
    pub fn from_secs(secs: u64) -> Self {
        Self { secs }
    }

    /// Seconds after the beginning of 1970.
    pub fn secs(self) -> u64 {
        self.secs
    }

    /// The day, as in `2026-11-25`.
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.secs / DAY);
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// # Source
/// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: eras of 400 years
/// that begin on March 1.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// The day that a date names, counted from 1970-01-01: [`civil`] the other way round.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = year.checked_sub(u64::from(month <= 2))?;
    let (era, of_era) = (year / 400, year % 400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day.checked_sub(1)?;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(719_468)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.secs / 3600 % 24, self.secs / 60 % 60, self.secs % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", self.date())
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
            let numbers = |text: &str, by: char| -> Option<[u64; 3]> {
                let parts: Result<Vec<u64>, _> = text.split(by).map(str::parse).collect();
                parts.ok()?.try_into().ok()
            };
            let ([year, month, day], [hour, minute, second]) =
                (numbers(date, '-')?, numbers(time, ':')?);
            let is_time = year < 10_000 && hour < 24 && minute < 60 && second < 60;
            let days = days(year, month, day).filter(|days| civil(*days) == (year, month, day));
            days.filter(|_| is_time).map(|d| d * DAY + hour * 3600 + minute * 60 + second)
        };
        let wrong = || format!("\"{text}\" is no point in time like 2026-11-25T16:30:00Z");
        read().map(Self::from_secs).ok_or_else(wrong)
    }
}
