use super::actuators::check_actuators;
use super::*;
use dutypoint_model::document::{Must, Scale, WordOrder};
use proptest::prelude::*;

fn shipped() -> (String, BTreeMap<String, InstrumentProfile>) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let profiles = std::fs::read_dir(root.join("instruments"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let profile = InstrumentProfile::parse(path.to_str().unwrap(), &text).unwrap();
            (profile.id.clone(), profile)
        })
        .collect();
    let bench = std::fs::read_to_string(root.join("benches/demo.toml")).unwrap();
    (bench, profiles)
}

#[test]
fn the_demo_bench_is_read_in_few_requests_with_values_and_status_together() {
    let (text, profiles) = shipped();
    let bench = Bench::parse("demo.toml", &text).unwrap();
    let plan = plan(&bench, &profiles).unwrap().channels;
    let requests: Vec<_> = plan
        .polls
        .iter()
        .map(|p| (p.instrument.as_str(), p.function, p.address, p.count))
        .collect();
    assert_eq!(
        requests,
        [
            ("PT-01", 3, 2, 2),
            // unit code, decimals, value
            ("LT-01", 3, 2, 3),
            ("TT-01", 3, 0, 1),
            ("FV-01", 4, 3, 1),
            ("FT-01", 3, 5050, 2),
            // line voltages … frequency; the distortion stands beyond registers no source
            // names
            ("PW-01", 3, 19006, 46),
            ("PW-01", 3, 19110, 2),
            // value … status
            ("ST-01", 4, 8, 53),
        ]
    );
    let valve = &plan.actuators[0];
    assert_eq!((valve.word(1.0), valve.word(0.0)), (Some(1000), Some(0)));
    assert!(!valve.speed);
    assert_eq!(plan.actuators[0].poll, 8);
}

/// A register by which a motor starts is no actuator, whatever its class says; nor is one that
/// commands, or turns a motor faster on a bench that cannot tell a standing pump.
#[test]
fn nothing_that_starts_a_motor_is_ever_an_actuator() {
    let (text, mut profiles) = shipped();
    let refused = |text: &str, profiles: &BTreeMap<String, InstrumentProfile>| {
        let bench = Bench::parse("demo.toml", text).unwrap();
        assert!(plan(&bench, profiles).is_err());
        let wrong = check_actuators(&bench, profiles).unwrap_err();
        (wrong.key, wrong.why)
    };
    let on = |register: &str| {
        text.replace(
            "profile = \"rotork-modbus-mk2\"",
            "profile = \"siemens-v20\"",
        )
        .replace(
            "register = \"position\"",
            "register = \"frequency_reference\"",
        )
        .replace(
            "register = \"position_demand\"",
            &format!("register = {register:?}"),
        )
    };
    let (key, why) = refused(&on("start"), &profiles);
    assert_eq!(key, "register");
    assert!(
        why.contains("starts no motor") && why.contains("frequency_reference"),
        "{why}"
    );
    let (_, why) = refused(&on("frequency_reference"), &profiles);
    assert!(why.contains("add [pump_stop]"), "{why}");
    let stop =
        "[pump_stop]\nchannel = \"input_power\"\nbelow = 100.0\nback_spin_s = 60.0\n\n[[actuator]]";
    let known = on("frequency_reference").replace("[[actuator]]", stop);
    let bench = Bench::parse("demo.toml", &known).unwrap();
    let channels = plan(&bench, &profiles).unwrap().channels;
    assert!(channels.actuators[0].speed);
    let register = profiles.get_mut("siemens-v20").unwrap().register.iter_mut();
    for reference in register.filter(|r| r.name == "frequency_reference") {
        reference.starts_motor = true;
    }
    let (_, why) = refused(&known, &profiles);
    assert!(why.contains("applies no test voltage"), "{why}");
}

#[test]
fn an_actuator_is_off_unless_the_bench_file_turns_it_on() {
    let (text, profiles) = shipped();
    for off in ["enabled = false", ""] {
        let text = text.replace("enabled = true", off);
        let bench = Bench::parse("demo.toml", &text).unwrap();
        assert_eq!(plan(&bench, &profiles).unwrap().channels.actuators, []);
    }
}

#[test]
fn what_a_profile_does_not_offer_is_named_with_the_cure() {
    let (text, profiles) = shipped();
    for (from, to, expected) in [
        (
            "profile = \"keller-30x\"",
            "profile = \"keler-30x\"",
            "did you mean \"keller-30x\"?",
        ),
        (
            "register = \"p1\"",
            "register = \"p9\"",
            "has no register \"p9\"",
        ),
        ("unit_code = 2, ", "", "needs `unit_code`"),
        ("span = [0.0, 100.0], ", "", "needs `span = [low, high]`"),
        (
            "line = \"tcp-power\"\nunit_id = 1\nserial = \"SIM-0202\"",
            "line = \"rtu-1\"\nunit_id = 9\nserial = \"SIM-0202\"",
            "",
        ),
        (
            "role = \"frequency\"",
            "role = \"current\"",
            "its role needs current",
        ),
        (
            "profile = \"moxa-e1240\"\nline = \"tcp-slip\"",
            "profile = \"moxa-e1240\"\nline = \"rtu-1\"",
            "speaks tcp, but line",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let bench = Bench::parse("demo.toml", &text.replacen(from, to, 1)).unwrap();
        match plan(&bench, &profiles) {
            Ok(_) => assert_eq!(expected, "", "{to} was accepted"),
            Err(error) => assert!(
                !expected.is_empty() && error.to_string().contains(expected),
                "{error}"
            ),
        }
    }
}

/// A bench with one instrument of `profile` and these channels.
fn with_channels(text: &str, profile: &str, line: &str, channels: &str) -> Bench {
    let head = &text[..text.find("[[instrument]]").unwrap()];
    let instrument = format!(
        "{head}\n[[instrument]]\ntag = \"X-01\"\nprofile = \"{profile}\"\nline = \"{line}\"\nunit_id = 1\nserial = \"1\"\nperiod_ms = 1000\nchannel = [\n{channels}\n]\n"
    );
    Bench::parse("bench.toml", &instrument).unwrap()
}

fn exponent_order(scale: &Scale) -> Option<WordOrder> {
    match scale {
        Scale::Power { exponent, .. } => Some(exponent.order),
        _ => None,
    }
}

#[test]
fn what_a_value_needs_comes_in_its_answer_and_means_what_the_map_says() {
    let (text, profiles) = shipped();
    let planned = |profile: &str, line: &str, channels: &str| {
        plan(&with_channels(&text, profile, line, channels), &profiles).map(|p| p.channels)
    };
    // The unit's code is found in the map: 5 is m³/h; alarms spoil the flow.
    let flow = "{ name = \"q\", role = \"flow\", register = \"flow_rate\", order = \"CDAB\", unit = \"m3/h\", range = [0.0, 100.0] }";
    let plan = planned("generic-em-4112", "rtu-1", flow).unwrap();
    assert_eq!((plan.polls[0].address, plan.polls[0].count), (4112, 22));
    let musts: Vec<_> = plan.channels[0]
        .encoding
        .guards
        .iter()
        .map(|g| (g.at, g.must))
        .collect();
    assert_eq!(
        musts,
        [
            (14, Must::Equal(5)),
            (20, Must::Equal(0)),
            (21, Must::Equal(0))
        ]
    );
    // A unit the map has no code for must be given by its code.
    let error = planned("generic-em-4112", "rtu-1", &flow.replace("m3/h", "kgf/cm2")).unwrap_err();
    assert!(error.to_string().contains("role needs flow"), "{error}");
    // The third input of a Moxa, with the third status.
    let third = "{ name = \"s\", role = \"slip_frequency\", register = \"ai_scaled\", index = 3, unit = \"Hz\", range = [0.0, 5.0] }";
    let plan = planned("moxa-e1240", "tcp-slip", third).unwrap();
    assert_eq!((plan.polls[0].address, plan.polls[0].count), (12, 51));
    assert_eq!(plan.channels[0].encoding.guards[0].at, 50);
    let error = planned(
        "moxa-e1240",
        "tcp-slip",
        &third.replace("index = 3", "index = 9"),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("index 9 is outside 1 … 8"),
        "{error}"
    );
    // Speed of a DYN-200 by its own decimals, 30 registers further on.
    let speed = "{ name = \"n\", role = \"speed\", register = \"speed\", range = [0.0, 3000.0] }";
    let plan = planned("dyn200", "rtu-1", speed).unwrap();
    assert_eq!((plan.polls[0].address, plan.polls[0].count), (2, 32));
    let scale = &plan.channels[0].encoding.scale;
    assert!(
        matches!(scale, Scale::Power { exponent, decimals: true, bias: 0, .. } if exponent.at == 30),
        "{scale:?}"
    );
    assert_eq!(exponent_order(scale), Some(WordOrder::Abcd));
    // A device that was set to another order keeps its decimals in that one too.
    let speed = speed.replace("range", "order = \"CDAB\", range");
    let plan = planned("dyn200", "rtu-1", &speed).unwrap();
    let scale = &plan.channels[0].encoding.scale;
    assert_eq!(exponent_order(scale), Some(WordOrder::Cdab));
    // A count no source gives the scale of is refused until the bench states it.
    let raw =
        "{ name = \"f\", role = \"frequency\", register = \"frequency\", range = [0.0, 60.0] }";
    let error = planned(
        "acrel-acr10r",
        "rtu-1",
        &raw.replace("range", "unit = \"Hz\", range"),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("needs `span = [low, high]`"),
        "{error}"
    );
    let half = raw.replace("range", "unit = \"Hz\", span = [0.0, 100.0], range");
    let error = planned("acrel-acr10r", "rtu-1", &half).unwrap_err();
    assert!(
        error.to_string().contains("needs `span_raw = [low, high]`"),
        "{error}"
    );
    let whole = half.replace("range", "span_raw = [0.0, 10000.0], range");
    assert!(planned("acrel-acr10r", "rtu-1", &whole).is_ok());
    // What the map fixes cannot be called otherwise.
    let wrong = "{ name = \"p\", role = \"outlet_pressure\", register = \"p1\", unit = \"kPa\", range = [0.0, 25.0] }";
    let error = planned("keller-30x", "rtu-1", wrong).unwrap_err();
    assert!(
        error.to_string().contains("is in bar by its profile"),
        "{error}"
    );
}

#[test]
fn an_inverter_that_gives_one_value_at_a_time_is_asked_for_one() {
    let (text, profiles) = shipped();
    let channels = "{ name = \"a\", role = \"frequency\", register = \"running_frequency\", range = [0.0, 60.0] },\n{ name = \"b\", role = \"frequency\", register = \"frequency_reference\", range = [0.0, 60.0] },\n{ name = \"c\", role = \"frequency\", register = \"running_frequency\", range = [0.0, 60.0] }";
    let bench = with_channels(&text, "inovance-md500", "rtu-1", channels);
    let plan = plan(&bench, &profiles).unwrap().channels;
    let asked: Vec<_> = plan.polls.iter().map(|p| (p.address, p.count)).collect();
    assert_eq!(asked, [(28672, 1), (28673, 1)]);
    let of: Vec<_> = plan
        .channels
        .iter()
        .map(|c| (c.name.as_str(), c.poll))
        .collect();
    assert_eq!(of, [("a", 0), ("c", 0), ("b", 1)]);
}

/// A profile made of one-word and two-word registers with gaps, some needing another.
fn any_map() -> impl Strategy<Value = (InstrumentProfile, Vec<String>)> {
    let register = (
        0u16..4,
        1u16..3,
        prop::sample::select(vec![3u8, 4]),
        any::<prop::sample::Index>(),
        0u8..4,
    );
    (
        prop::collection::vec(register, 1..40),
        8u16..40,
        0u16..6,
        1u16..3,
        prop::option::of((0u16..120, 0u16..4)),
        any::<bool>(),
        prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    )
        .prop_map(|(registers, max_read, max_gap, multiple, forbidden, single, picks)| {
            let mut text = format!("id='x'\nclass='flow'\nvendor='v'\nmodel='m'\ntransport=['rtu']\nconfidence='L'\ntrust='documented'\nmax_read={max_read}\nmax_gap={max_gap}\nread_multiple={multiple}\nsingle_read={single}\nsources=['s']\n");
            if let Some((from, more)) = forbidden {
                text += &format!("[[forbidden]]\nfrom={from}\nto={}\nwhy={{zh='z',en='e'}}\n", from + more);
            }
            let mut next = 0;
            for (n, (gap, words, function, need, how)) in registers.iter().enumerate() {
                next += gap;
                let kind = if *words == 1 { "'u16'" } else { "'u32'\norder='ABCD'" };
                text += &format!("[[register]]\nname='r{n}'\naddress={next}\nfunction={function}\nkind={kind}\nconfidence='L'\nevidence='memory'\n");
                if *how == 0 && !single {
                    text += &format!("decimals_from='r{}'\n", need.index(registers.len()));
                }
                next += words;
            }
            (text, picks.iter().map(|p| format!("r{}", p.index(registers.len()))).collect::<Vec<_>>())
        })
        .prop_filter_map("a map the loader refuses", |(text, picks)| {
            InstrumentProfile::parse("x", &text).ok().map(|profile| (profile, picks))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 400_000, ..ProptestConfig::default() })]
    #[test]
    fn every_wanted_value_is_in_one_request_whole_and_no_request_is_forbidden(
        (profile, picks) in any_map(),
    ) {
        let channels: Vec<dutypoint_engine::config::ChannelConfig> = picks
            .iter()
            .enumerate()
            .map(|(n, register)| {
                let text = format!("name='c{n}'\nrole='flow'\nregister='{register}'\nrange=[0.0, 1.0]");
                dutypoint_model::toml_text::parse("c", &text).unwrap()
            })
            .collect();
        let wanted = |register: &String, n: usize| Wanted {
            channel: &channels[n],
            register: profile.register(register).unwrap(),
            index: 0,
        };
        let all = picks.iter().enumerate().map(|(n, r)| wanted(r, n)).collect();
        let made = requests(&profile, all).unwrap();
        for (n, name) in picks.iter().enumerate() {
            let channel = &channels[n].name;
            let holders: Vec<_> = made
                .iter()
                .filter(|r| r.members.iter().any(|m| m.channel.name == *channel))
                .collect();
            prop_assert_eq!(holders.len(), 1, "{} is in {} requests", name, holders.len());
            let request = holders[0];
            let register = profile.register(name).unwrap();
            prop_assert_eq!(request.function, register.function);
            let mut whole = vec![register];
            whole.extend(register.decimals_from.as_ref().map(|d| profile.register(d).unwrap()));
            for part in whole {
                prop_assert!(request.first <= part.address);
                prop_assert!(part.address + part.kind.words() <= request.first + request.count);
            }
        }
        for request in &made {
            let last = request.first + request.count - 1;
            prop_assert!(request.count <= profile.max_read);
            prop_assert_eq!(request.count % profile.read_multiple, 0);
            for block in &profile.forbidden {
                prop_assert!(last < block.from || block.to < request.first, "{:?}", block);
            }
            if profile.single_read {
                let first = request.members[0].register.address;
                prop_assert!(request.members.iter().all(|m| m.register.address == first));
            }
            let named = |address: u16| {
                profile.register.iter().any(|r| {
                    r.function == request.function
                        && (r.address..r.address + r.kind.words()).contains(&address)
                })
            };
            let mut gap = 0;
            for address in request.first..=last {
                gap = if named(address) { 0 } else { gap + 1 };
                prop_assert!(gap <= profile.max_gap, "{gap} unnamed up to {address}");
            }
        }
    }
}
