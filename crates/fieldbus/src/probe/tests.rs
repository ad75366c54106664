use super::*;
use dutypoint_model::Unit;

#[test]
fn what_the_display_shows_is_read_with_its_unit_and_its_last_place() {
    let read = |text: &str| text.parse::<Display>();
    let shown = read("12.34 m3/h").unwrap();
    assert_eq!(
        (shown.value, shown.unit),
        (12.34, Some(Unit::CubicMetrePerHour))
    );
    assert!((shown.step - 0.01).abs() < 1e-12);
    assert_eq!(read("-7").unwrap().step, 1.0);
    assert!(read("0").unwrap_err().contains("other than zero"));
    assert!(read("12,34").is_err());
    assert!(read("m3/h").unwrap_err().contains("12.34"));
    // 12.34 m³/h are 3.4278 l/s, and no pressure.
    assert!(shown.shows(12.341, Some(Unit::CubicMetrePerHour)));
    assert!(!shown.shows(12.5, Some(Unit::CubicMetrePerHour)));
    assert!(shown.shows(3.4278, "l/s".parse().ok()));
    assert!(!shown.shows(12.34, "kPa".parse().ok()));
}

#[test]
fn the_settings_of_the_factory_are_tried_first_and_every_one_once() {
    let text = include_str!("../../../../config/instruments/abb-acs580.toml");
    let profile = InstrumentProfile::parse("p", text).unwrap();
    let all = settings("COM1", Some(&profile), &[]);
    assert_eq!(all.len(), BAUD.len() * FRAMES.len());
    let Some(Endpoint::Rtu { baud, parity, .. }) = all.first() else {
        unreachable!()
    };
    assert_eq!(Some(*baud), profile.serial.baud);
    assert_eq!(Some(*parity), profile.serial.parity);
    let few = settings("COM1", None, &[19_200]);
    assert_eq!(few.len(), FRAMES.len());
}
