//! When a certificate is valid.

use std::time::{Duration, SystemTime};

use humantime::format_rfc3339_seconds;
use x509_parser::certificate::X509Certificate;
use x509_parser::time::ASN1Time;

/// A certificate that ends sooner is not worth a start.
const LEAST: Duration = Duration::from_hours(24);

/// Why a certificate cannot be used for a day from `now`, if so.
pub fn trouble(certificate: &X509Certificate<'_>, now: SystemTime) -> Option<String> {
    let validity = certificate.validity();
    let (start, end) = (time(validity.not_before), time(validity.not_after));
    if start > now {
        return Some(format!("is not valid before {}", format_rfc3339_seconds(start)));
    }
    match end.duration_since(now) {
        Err(_) => Some(format!("expired at {}", format_rfc3339_seconds(end))),
        Ok(left) if left <= LEAST => {
            let hours = left.as_secs() / 3600;
            let end = format_rfc3339_seconds(end);
            Some(format!("ends in {hours} h, at {end}; it takes more than a day"))
        }
        Ok(_) => None,
    }
}

/// Times before 1970 count as 1970, and such as cannot be represented too.
fn time(time: ASN1Time) -> SystemTime {
    let since_epoch = Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0));
    SystemTime::UNIX_EPOCH.checked_add(since_epoch).unwrap_or(SystemTime::UNIX_EPOCH)
}
