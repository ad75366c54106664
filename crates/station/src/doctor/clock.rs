//! The wall clock: synchronised, sane, in which zone.

use super::{Check, State};
use crate::clock::ClockSync;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// 2025-01-01: the clock of a computer without battery begins long before.
const EARLIEST_NS: i64 = 1_735_689_600_000_000_000;
/// How far the wall clock may run from the monotonic one while the doctor looks.
const JUMP: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn checks(now_ns: i64, latest_ns: Option<i64>) -> Vec<Check> {
    vec![
        synchronised(&ClockSync::ask()),
        sane(now_ns, latest_ns),
        steady(),
        zone(
            std::env::var("TZ").ok(),
            std::fs::read_link("/etc/localtime").ok().as_deref(),
        ),
    ]
}

fn synchronised(found: &ClockSync) -> Check {
    let id = "clock.synchronised";
    let who = found.source;
    match found.synchronised {
        Some(true) => Check::ok(
            id,
            format!("时钟已同步（{who}）"),
            format!("the clock is synchronised ({who})"),
        ),
        Some(false) => Check::ok(
            id,
            format!("时钟未同步（{who}）"),
            format!("the clock is not synchronised ({who})"),
        )
        .because(
            State::Warning,
            "接通时间服务器（timedatectl set-ntp true，或 chrony）",
            "connect a time server (`timedatectl set-ntp true`, or chrony)",
        ),
        None => Check::ok(
            id,
            "时钟是否同步未知",
            "whether the clock is synchronised is not known",
        )
        .because(
            State::Warning,
            "安装 systemd-timesyncd 或 chrony，或自行对时",
            "install systemd-timesyncd or chrony, or set the clock by hand",
        ),
    }
}

fn sane(now_ns: i64, latest_ns: Option<i64>) -> Check {
    let id = "clock.time";
    let set = (
        State::Failure,
        "把时钟拨正后再试验",
        "set the clock before a run",
    );
    if now_ns < EARLIEST_NS {
        let (zh, en) = ("时钟早于 2025 年", "the clock stands before 2025");
        return Check::ok(id, zh, en).because(set.0, set.1, set.2);
    }
    if latest_ns.is_some_and(|latest| now_ns < latest) {
        return Check::ok(
            id,
            "时钟早于已有记录的最后时刻",
            "the clock stands before the last time in the journals",
        )
        .because(set.0, set.1, set.2);
    }
    Check::ok(
        id,
        "时钟晚于已有记录",
        "the clock is later than every record",
    )
}

/// Lets both clocks run for an instant and compares them.
fn steady() -> Check {
    let (wall, monotonic) = (SystemTime::now(), Instant::now());
    std::thread::sleep(LOOK);
    let (wall, monotonic) = (wall.elapsed(), monotonic.elapsed());
    drift(wall.unwrap_or_default(), monotonic)
}

fn drift(wall: Duration, monotonic: Duration) -> Check {
    let off = wall.abs_diff(monotonic);
    let ms = off.as_secs_f64() * 1000.0;
    let check = Check::ok(
        "clock.steady",
        format!("时钟与单调时钟相差 {ms:.1} ms"),
        format!("wall and monotonic clock differ by {ms:.1} ms"),
    );
    if off <= JUMP {
        return check;
    }
    check.because(
        State::Warning,
        "时钟正在被拨动，等它稳定后再试验",
        "the clock is being set; wait until it has settled",
    )
}

fn zone(variable: Option<String>, link: Option<&Path>) -> Check {
    let named = variable.filter(|tz| !tz.is_empty()).or_else(|| {
        let path = link?.to_string_lossy().into_owned();
        path.split_once("zoneinfo/")
            .map(|(_, zone)| zone.to_owned())
    });
    match named {
        Some(zone) => Check::ok(
            "clock.zone",
            format!("时区 {zone}"),
            format!("time zone {zone}"),
        ),
        None => Check::ok(
            "clock.zone",
            "未设时区，按 UTC",
            "no time zone is set; UTC is used",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_the_journals_is_a_failure() {
        let now = EARLIEST_NS + 10;
        assert_eq!(sane(now, None).state, State::Ok);
        assert_eq!(sane(now, Some(now)).state, State::Ok);
        assert_eq!(sane(now, Some(now + 1)).state, State::Failure);
        assert_eq!(sane(EARLIEST_NS - 1, None).state, State::Failure);
    }

    #[test]
    fn a_clock_that_is_being_set_is_warned_of() {
        let look = Duration::from_millis(200);
        assert_eq!(drift(look, look).state, State::Ok);
        assert_eq!(drift(look * 2, look).state, State::Warning);
        assert_eq!(drift(Duration::ZERO, look).state, State::Warning);
    }

    #[test]
    fn the_zone_comes_from_the_variable_or_the_link() {
        let link = Path::new("/usr/share/zoneinfo/Asia/Shanghai");
        assert!(zone(None, Some(link)).found.en.ends_with("Asia/Shanghai"));
        assert!(
            zone(Some("UTC".into()), Some(link))
                .found
                .en
                .ends_with("UTC")
        );
        assert!(
            zone(Some(String::new()), None)
                .found
                .en
                .contains("no time zone")
        );
    }
}
