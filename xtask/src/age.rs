//! How long ago something was, as kubectl tells it.

use std::time::SystemTime;

/// The time from `then` to `now` in one unit or two, the coarser the longer it
/// is: `90s`, `5m30s`, `2d18h`. What is still to come is `0s`.
pub fn age(then: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(then).unwrap_or_default().as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let (years, days_left) = (days / 365, days % 365);
    let two = |whole, unit, rest, small| match rest {
        0 => format!("{whole}{unit}"),
        rest => format!("{whole}{unit}{rest}{small}"),
    };
    match () {
        () if minutes < 2 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if hours < 3 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => two(days, "d", hours % 24, "h"),
        () if years < 2 => format!("{days}d"),
        () if years < 8 => two(years, "y", days_left, "d"),
        () => format!("{years}y"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn is_told_in_one_unit_or_two() {
        let (minute, hour, day) = (60, 3600, 86_400);
        for (seconds, told) in [
            (0, "0s"),
            (119, "119s"),
            (2 * minute, "2m"),
            (9 * minute + 59, "9m59s"),
            (10 * minute + 59, "10m"),
            (3 * hour - 1, "179m"),
            (3 * hour + 59, "3h"),
            (7 * hour + 5 * minute, "7h5m"),
            (47 * hour, "47h"),
            (2 * day + 18 * hour, "2d18h"),
            (8 * day + hour, "8d"),
            (729 * day, "729d"),
            (3 * 365 * day + 2 * day, "3y2d"),
            (9 * 365 * day, "9y"),
        ] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(age(SystemTime::UNIX_EPOCH, now), told);
        }
    }

    #[test]
    fn clocks_may_differ() {
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(age(now + Duration::from_secs(5), now), "0s");
    }
}
