//! Times and loads computed by hand from bytes, bits and baud.

use super::*;

type Row<'a> = (&'a str, &'a str, &'a str, u32, &'a str);

/// A bench with a serial line `a` and a network line `t`, and these instruments.
fn planned(instruments: &[Row<'_>], baud: u32, times: &str) -> Result<Vec<LineLoad>, Error> {
    planned_with(instruments, baud, times, "")
}

fn planned_with(
    instruments: &[Row<'_>],
    baud: u32,
    times: &str,
    tcp: &str,
) -> Result<Vec<LineLoad>, Error> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let demo = std::fs::read_to_string(folder.join("benches/demo.toml")).unwrap();
    let head = &demo[..demo.find("[[line]]").unwrap()];
    let mut text = format!(
        "{head}\n[[line]]\nname = \"a\"\nendpoint = {{ rtu = {{ port = \"/dev/ttyS0\", baud = {baud} }} }}\n{times}\n[[line]]\nname = \"t\"\nendpoint = {{ tcp = {{ address = \"192.0.2.1:502\"{tcp} }} }}\n"
    );
    let mut profiles = BTreeMap::new();
    for (n, (tag, profile, line, period, channel)) in instruments.iter().enumerate() {
        let map =
            std::fs::read_to_string(folder.join(format!("instruments/{profile}.toml"))).unwrap();
        profiles.insert(
            (*profile).to_owned(),
            InstrumentProfile::parse(profile, &map).unwrap(),
        );
        text += &format!(
            "[[instrument]]\ntag = \"{tag}\"\nprofile = \"{profile}\"\nline = \"{line}\"\nunit_id = {}\nserial = \"1\"\nperiod_ms = {period}\nchannel = [{{ name = \"c{n}\", {channel} }}]\n",
            n + 1
        );
    }
    let bench = Bench::parse("bench.toml", &text).unwrap();
    let channels = crate::plan(&bench, &profiles)?.channels;
    load(&bench, &profiles, &channels)
}

const PRESSURE: &str = "role = \"outlet_pressure\", register = \"p1\", range = [0.0, 25.0]";
const POWER: &str = "role = \"input_power\", register = \"p_sum\", range = [0.0, 30000.0]";
const FLOW: &str =
    "role = \"flow\", register = \"scan_list_value\", unit = \"m3/h\", range = [0.0, 60.0]";

const UNKNOWN: Device<'_> = Device {
    config: None,
    profile: None,
};

fn close(found: f64, by_hand: f64) {
    assert!((found - by_hand).abs() < 1e-9, "{found}, by hand {by_hand}");
}

#[test]
fn a_serial_request_takes_its_characters_two_silences_and_the_device() {
    // Two registers at 9600 baud: 8 + 9 = 17 characters of 11 bits are 19.479166… ms, two
    // silences of 3.5 characters 8.020833… ms, the device (assumed) 10 ms: 37.5 ms.
    let lines = planned(&[("PT-01", "keller-30x", "a", 1000, PRESSURE)], 9600, "").unwrap();
    let request = &lines[0].requests[0];
    assert_eq!((request.request_bytes, request.answer_bytes), (8, 9));
    close(request.wire_ms, 27.5);
    assert!(request.assumed);
    close(request.total_ms, 37.5);
    close(lines[0].cycle_ms, 37.5);
    // Once a second: 3.75 %.
    close(lines[0].load_pct, 3.75);
    // Wait 300 ms and silence of 200 ms, the line's defaults.
    close(lines[0].lost_ms, 500.0);
    // Above 19200 baud the silence is 1.75 ms whatever the speed: 17 · 11 / 115200 s are
    // 1.623263888… ms.
    let lines = planned(&[("PT-01", "keller-30x", "a", 1000, PRESSURE)], 115_200, "").unwrap();
    close(lines[0].silence_ms.unwrap(), 1.75);
    close(lines[0].requests[0].wire_ms, 187_000.0 / 115_200.0 + 3.5);
    // At 19200 it still follows the speed: 38.5 bits are 2.005208333… ms.
    let lines = planned(&[("PT-01", "keller-30x", "a", 1000, PRESSURE)], 19_200, "").unwrap();
    close(lines[0].silence_ms.unwrap(), 38_500.0 / 19_200.0);
}

#[test]
fn the_table_of_the_reference_comes_out_with_its_eleven_bits() {
    // 9600 8E1, 20 registers, 10 ms: 78.8 ms (wire limits of the instrument reference).
    let poll = Poll {
        id: 0,
        line: "a".into(),
        instrument: "X".into(),
        unit_id: 1,
        function: 3,
        address: 0,
        count: 20,
        period_ms: 1000,
        message: None,
    };
    let line = LineConfig::new("a", Endpoint::rtu("/dev/ttyS0", 9600));
    let found = request_load(&poll, &line, UNKNOWN);
    assert_eq!(format!("{:.1}", found.total_ms), "78.8");
    // The specification's example: 3 registers, 8 bytes out, 11 back.
    let three = request_load(&Poll { count: 3, ..poll }, &line, UNKNOWN);
    assert_eq!((three.request_bytes, three.answer_bytes), (8, 11));
}

#[test]
fn on_a_network_the_bytes_and_the_devices_time_count() {
    // Two registers: 7 + 5 = 12 bytes out, 7 + 2 + 4 = 13 back. Endress+Hauser: up to 50 ms.
    let lines = planned(&[("FT-01", "eh-proline-modbus", "t", 500, FLOW)], 9600, "").unwrap();
    let request = &lines[1].requests[0];
    assert_eq!((request.request_bytes, request.answer_bytes), (12, 13));
    assert!(!request.assumed);
    close(request.total_ms, 50.0);
    close(lines[1].load_pct, 10.0);
    assert_eq!((lines[1].baud, lines[1].silence_ms), (None, None));
    // A line without requests costs nothing.
    close(lines[0].load_pct, 0.0);
}

#[test]
fn a_line_that_cannot_keep_its_rate_is_refused_with_what_to_change() {
    // Three transmitters of 37.5 ms every 100 ms: 112.5 %.
    let three: Vec<_> = ["PT-01", "PT-02", "PT-03"]
        .map(|tag| (tag, "keller-30x", "a", 100, PRESSURE))
        .to_vec();
    let error = planned(&three, 9600, "").unwrap_err();
    // Both languages tell the same numbers.
    let zh = "线路 \"a\" 无法满足要求：其请求需占用 112 % 的时间；占用最多的是 PT-03：每 100 ms 占 37.5 ms（38 %）。请把各 period_ms 增至 1.12 倍，或只增大该仪表的，或采用高于 9600 的波特率，或把仪表移到其他线路";
    assert_eq!(error.text().zh, zh);
    assert_eq!(
        error.to_string(),
        "line \"a\" cannot do what is asked of it: its requests need 112 % of its time; the most is PT-03 with 37.5 ms every 100 ms (38 %): make every period_ms 1.12 times as long or that one longer, set a higher baud than 9600, or move instruments to another line"
    );
    assert!(planned(&three[..2], 9600, "").is_ok());
    // 17 characters at 115200 and the assumed 10 ms: 15.1 ms each, 45 % of it.
    assert!(planned(&three, 115_200, "").is_ok());
}

#[test]
fn an_answer_that_cannot_come_in_time_is_refused() {
    let one = [("PT-01", "keller-30x", "a", 1000, PRESSURE)];
    let error = planned(&one, 9600, "timeout_ms = 30")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("takes 37.5 ms, longer than timeout_ms 30"),
        "{error}"
    );
    let flow = "role = \"flow\", register = \"flow_rate\", unit = \"m3/h\", range = [0.0, 60.0]";
    let slow = [("FT-09", "abb-aquamaster3", "a", 5000, flow)];
    // AquaMaster 3: 800 ms over a request, 1000 ms to wait.
    for (times, expected) in [
        ("timeout_ms = 700", "longer than timeout_ms 700"),
        (
            "timeout_ms = 900",
            "may take 1000 ms to answer by its profile, longer than timeout_ms 900",
        ),
        (
            "timeout_ms = 1000",
            "takes up to 800 ms over a request by its profile, longer than quarantine_ms 200",
        ),
    ] {
        let error = planned(&slow, 9600, times).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let lines = planned(&slow, 9600, "timeout_ms = 1000\nquarantine_ms = 800").unwrap();
    close(lines[0].requests[0].response_ms, 800.0);
}

#[test]
fn reading_faster_than_a_device_renews_is_remarked() {
    // Janitza renews every 200 ms.
    let fast = [("PW-01", "janitza-umg", "t", 100, POWER)];
    let lines = planned(&fast, 9600, "").unwrap();
    assert!(
        lines[1].remarks[0]
            .en
            .contains("renews its values every 200 ms only")
    );
    let lines = planned(&[("PW-01", "janitza-umg", "t", 200, POWER)], 9600, "").unwrap();
    assert!(lines[1].remarks.is_empty());
}

#[test]
fn rests_gaps_and_connections_of_the_bench_count() {
    let poll = Poll {
        id: 0,
        line: "a".into(),
        instrument: "X".into(),
        unit_id: 1,
        function: 3,
        address: 0,
        count: 2,
        period_ms: 100,
        message: None,
    };
    // A rest of 20 ms takes the place of the second silence: at 19200 baud and two
    // registers 17 · 11 / 19.2 + 38.5 / 19.2 + 10 + 20 ms.
    let mut line = LineConfig::new("a", Endpoint::rtu("/dev/ttyS0", 19_200));
    line.pause_ms = 20;
    let found = request_load(&poll, &line, UNKNOWN);
    close(found.total_ms, 187.0 / 19.2 + 38.5 / 19.2 + 30.0);
    // A converter that keeps the silence by itself.
    line.pause_ms = 0;
    line.frame_gap_us = Some(0);
    close(request_load(&poll, &line, UNKNOWN).wire_ms, 187.0 / 19.2);
    // RTU frames over TCP: 8 and 9 bytes, their silence, and no speed that is known.
    let address = "192.0.2.1:4001".to_owned();
    let line = LineConfig::new("a", Endpoint::RtuTcp { address });
    let found = request_load(&poll, &line, UNKNOWN);
    assert_eq!((found.request_bytes, found.answer_bytes), (8, 9));
    close(found.wire_ms, 3.5);
    // Three devices of 50 ms every 100 ms need 150 % of one connection, 75 % of two.
    let three = ["F-1", "F-2", "F-3"].map(|tag| (tag, "eh-proline-modbus", "t", 100, FLOW));
    let error = planned(&three, 9600, "").unwrap_err().to_string();
    let expected = "line \"t\" cannot do what is asked of it: its requests need 150 % of its time";
    assert!(error.starts_with(expected), "{error}");
    let two = planned_with(&three, 9600, "", ", connections = 2").unwrap();
    close(two[1].load_pct, 75.0);
}
