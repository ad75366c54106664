//! The shipped profiles, and profiles that contradict themselves.

use super::*;

fn shipped() -> Vec<(String, InstrumentProfile)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/instruments");
    let mut profiles: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let mistakes = InstrumentProfile::mistakes(&name, &text);
            assert!(mistakes.is_empty(), "{mistakes:#?}");
            (
                name.clone(),
                InstrumentProfile::parse(&name, &text).unwrap(),
            )
        })
        .collect();
    profiles.sort_by(|a, b| a.0.cmp(&b.0));
    profiles
}

#[test]
fn every_shipped_profile_reads_and_is_named_after_its_file() {
    let profiles = shipped();
    assert!(profiles.len() >= 55, "only {} profiles", profiles.len());
    for (name, profile) in &profiles {
        assert_eq!(profile.id, *name);
        // Nothing of the reference was on hardware.
        assert_eq!(profile.trust, Trust::Documented, "{name}");
        let texts = profile.notes.iter().chain(&profile.failure);
        let notes = profile.register.iter().filter_map(|r| r.note.as_ref());
        for text in texts.chain(notes) {
            assert!(
                !text.zh.is_empty() && !text.en.is_empty(),
                "{name}: {text:?}"
            );
        }
        for register in &profile.register {
            // A line is never surer than its profile.
            assert!(
                register.confidence >= profile.confidence,
                "{name} {}",
                register.name
            );
        }
    }
}

const HEAD: &str = "id = 'x'
class = 'flow'
vendor = 'v'
model = 'm'
transport = ['rtu']
confidence = 'L'
trust = 'documented'
max_read = 10
sources = ['s']
";

fn refused(text: &str, line: usize, expected: &str) {
    let error = InstrumentProfile::parse("x.toml", text).unwrap_err();
    let said = error.to_string();
    assert!(said.contains(expected), "{said}\n{text}");
    assert_eq!(error.line, Some(line), "{said}\n{text}");
    assert!(
        said.starts_with(&format!("failed to read x.toml line {line}: ")),
        "{said}"
    );
}

#[test]
fn a_register_that_contradicts_itself_is_refused_on_its_line() {
    // The head has nine lines, the register's name stands on the eleventh.
    for (body, line, expected) in [
        ("address=0\nfunction=6\nkind='u16'", 13, "expected 3 or 4"),
        (
            "address=65535\nfunction=3\nkind='f32'\norder='ABCD'",
            12,
            "beyond address 65535",
        ),
        ("address=0\nfunction=3\nkind='f32'", 14, "order is missing"),
        (
            "address=0\nfunction=3\nkind='u16'\nunit='m3/hr'",
            15,
            "did you mean \"m3/h\"?",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nadress=1",
            15,
            "did you mean \"address\"?",
        ),
        (
            "address=0\nfunction=3\nkind='u17'",
            14,
            "unknown value \"u17\"; did you mean \"u16\"?",
        ),
        (
            "address=0\nfunction=4\nkind='u16'\nwrite='setpoint'",
            15,
            "cannot be written",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nreadable=false",
            15,
            "neither read nor written",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nunit_from='b'",
            15,
            "is no register of this profile; declare it",
        ),
        (
            "address=0\nfunction=3\nkind='f32'\norder='ABCD'\nbits={low=0,count=1}",
            16,
            "fits whole numbers only, not f32",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nbits={low=12,count=8}",
            15,
            "bits 12 … 19 are not within the 16 of u16",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\ninvalid=[-1]",
            15,
            "invalid -1 cannot occur in u16, which holds 0 … 65535",
        ),
        (
            "address=0\nfunction=3\nkind='u32'\norder='ABCD'\nswapped=true",
            16,
            "the order of more says BADC or DCBA",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nrepeat=0",
            15,
            "repeat 0 is outside 1 … 1024",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nfactor=0.0",
            15,
            "factor 0 makes no value",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nlimits=[5.0,5.0]",
            15,
            "limits [5, 5] are empty",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nspan_raw=[0.0,1.0]",
            15,
            "belongs to span = true",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nspan=true\noffset=1.0",
            16,
            "span and offset exclude each other",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\ncodes=[{code=1,zh='a',en='a'},{code=1,zh='b',en='b'}]",
            15,
            "code 1 is explained twice",
        ),
        (
            "address=0\nfunction=3\nkind='u16'\nalias_of='b'",
            15,
            "alias_of \"b\" is no register",
        ),
    ] {
        let text =
            format!("{HEAD}[[register]]\nname='a'\n{body}\nconfidence='L'\nevidence='memory'\n");
        refused(&text, line, expected);
    }
}

#[test]
fn registers_that_contradict_each_other_are_refused_on_their_line() {
    let register = |name: &str, address: u16, more: &str| {
        format!(
            "[[register]]\nname='{name}'\naddress={address}\nfunction=3\nconfidence='L'\nevidence='memory'\n{more}\n"
        )
    };
    let two = |a: &str, b: &str| format!("{HEAD}{a}{b}");
    let word = "kind='u16'";
    // The second register begins on line 17 and says its address on line 19.
    refused(
        &two(&register("a", 0, word), &register("a", 1, word)),
        18,
        "\"a\" is declared twice; rename one",
    );
    let float = "kind='f32'\norder='ABCD'";
    let overlap = two(&register("a", 1, word), &register("b", 0, float));
    refused(
        &overlap,
        19,
        "\"b\" overlaps \"a\" at address 1; correct one, or write alias_of = \"a\"",
    );
    let alias = two(
        &register("a", 1, word),
        &register("b", 0, &format!("{float}\nalias_of='a'")),
    );
    assert!(InstrumentProfile::parse("x", &alias).is_ok());
    // Interleaved repetitions share no word.
    let strided = "kind='u16'\nrepeat=3\nstride=2";
    assert!(
        InstrumentProfile::parse(
            "x",
            &two(&register("a", 0, strided), &register("b", 1, strided))
        )
        .is_ok()
    );
    refused(
        &two(&register("a", 0, strided), &register("b", 4, word)),
        21,
        "overlaps \"a\" at address 4",
    );
    // Together or not at all: 12 words do not fit 10; 3 unnamed ones may not be read over.
    let needy = |key: &str| format!("kind='u16'\n{key}='a'");
    refused(
        &two(
            &register("a", 0, word),
            &register("b", 11, &needy("decimals_from")),
        ),
        19,
        "span 12 words, more than the 10",
    );
    refused(
        &two(
            &register("a", 0, word),
            &register("b", 4, &needy("unit_from")),
        ),
        19,
        "3 registers from 1 on, which the map does not name, lie between, more than max_gap 0",
    );
    refused(
        &two(
            &register("a", 0, float),
            &register("b", 2, &needy("decimals_from")),
        ),
        25,
        "must be a whole number",
    );
    // One request per value leaves no room for what it needs.
    let single = HEAD.replace("max_read = 10", "max_read = 10\nsingle_read = true");
    let text = format!(
        "{single}{}{}",
        register("a", 0, word),
        register("b", 1, &needy("decimals_from"))
    );
    refused(
        &text,
        19,
        "single_read lets a request ask for one value only",
    );
}

#[test]
fn a_forbidden_block_and_a_register_exclude_each_other() {
    let forbidden = "[[forbidden]]\nfrom = 5\nto = 6\nwhy = { zh = '保存', en = 'saves' }\n";
    let register = |address: u16| {
        format!(
            "[[register]]\nname='a'\naddress={address}\nfunction=3\nkind='u16'\nconfidence='L'\nevidence='memory'\n"
        )
    };
    refused(
        &format!("{HEAD}{forbidden}{}", register(6)),
        16,
        "lies in the forbidden block 5 … 6",
    );
    assert!(InstrumentProfile::parse("x", &format!("{HEAD}{forbidden}{}", register(7))).is_ok());
    let back = forbidden.replace("to = 6", "to = 4");
    refused(
        &format!("{HEAD}{back}{}", register(7)),
        11,
        "runs backwards",
    );
}

#[test]
fn the_head_of_a_profile_is_checked_too() {
    let register = "[[register]]\nname='a'\naddress=0\nfunction=3\nkind='u16'\nconfidence='L'\nevidence='memory'\n";
    let with = |from: &str, to: &str| format!("{}{register}", HEAD.replace(from, to));
    refused(
        &with("max_read = 10", "max_read = 126"),
        8,
        "outside 1 … 125, what Modbus allows",
    );
    refused(
        &with("sources = ['s']", "sources = []"),
        9,
        "names no source",
    );
    refused(
        &with("class = 'flow'", "class = 'flwo'"),
        2,
        "unknown value \"flwo\"; did you mean \"flow\"?",
    );
    refused(
        &with("sources = ['s']", "sources = ['s']\nunit_id = 248"),
        10,
        "outside 1 … 247",
    );
    refused(
        &with("sources = ['s']", "sources = ['s']\nread_multiple = 11"),
        10,
        "read_multiple 11 is outside 1 … 10",
    );
    let identity = with(
        "sources = ['s']",
        "sources = ['s']\n[[identity]]\nregister = 'b'",
    );
    refused(
        &identity,
        11,
        "identity \"b\" is no register of this profile",
    );
    // Every mistake is told, in the order of the lines.
    let text = format!(
        "{}{register}",
        HEAD.replace("max_read = 10", "max_read = 126")
            .replace("sources = ['s']", "sources = []")
    );
    let lines: Vec<_> = InstrumentProfile::mistakes("x", &text)
        .iter()
        .map(|m| m.line)
        .collect();
    assert_eq!(lines, [Some(8), Some(9)]);
}

const PUSH: &str = include_str!("../../../../fixtures/instruments/invented-push.toml");
const ASCII: &str = include_str!("../../../../fixtures/instruments/invented-ascii.toml");

#[test]
fn messages_that_prove_nothing_are_refused_on_their_line() {
    let with = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let line = text[..text.find(from).unwrap()].matches('\n').count() + 1;
        (changed, line)
    };
    for (text, from, to, below, expected) in [
        (
            PUSH,
            "begins = \"hex:AA55\"\n",
            "",
            0,
            "nothing tells where a pushed message begins",
        ),
        (
            PUSH,
            "length = 12",
            "most = 12",
            1,
            "a checksum in binary could look like the end; state `length`",
        ),
        (
            PUSH,
            "length = 12",
            "length = 600",
            0,
            "600 bytes are outside 2 … 512",
        ),
        (PUSH, "hex:AA55", "hex:AA5", 0, "is no sequence of bytes"),
        (
            PUSH,
            "ends = \"hex:0D\"",
            "send = \"x\"\nends = \"hex:0D\"",
            0,
            "transport \"push\" sends nothing",
        ),
        (
            PUSH,
            "byte = 4",
            "byte = 9",
            0,
            "its last byte is 12, but the message ends with byte 11",
        ),
        (
            PUSH,
            "byte = 8, equal",
            "byte = 12, equal",
            0,
            "byte 12 is not in every message",
        ),
        (
            PUSH,
            "[\"push\"]",
            "[\"push\", \"rtu\"]",
            0,
            "is spoken alone",
        ),
        (
            ASCII,
            "send = \"#{unit:x2}\\r\"\n",
            "",
            -2,
            "send is missing",
        ),
        (
            ASCII,
            "field = 2",
            "field = 3",
            0,
            "field 3 is outside 1 … 2",
        ),
        (
            ASCII,
            "[\"ascii\"]",
            "[\"rtu\"]",
            0,
            "[[message]] belongs to transport",
        ),
        (
            ASCII,
            "name = \"temperature\"",
            "name = \"flow\"",
            0,
            "declared twice",
        ),
        (
            ASCII,
            "checksum = { kind = \"sum8\", written = \"hex\" }\nsend_checksum = true\n",
            "",
            -9,
            "nothing tells a whole message from one that lost a byte",
        ),
    ] {
        let (changed, line) = with(text, from, to);
        let error = InstrumentProfile::parse("x.toml", &changed).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
        assert!(error.line.is_some(), "{error}");
        if below == 0 {
            let told = error.line.unwrap();
            assert!(told.abs_diff(line) <= 1, "{error}, not near line {line}");
        }
    }
    assert!(InstrumentProfile::parse("x", PUSH).is_ok());
    assert!(InstrumentProfile::parse("x", ASCII).is_ok());
}

#[test]
fn a_request_holds_the_address_and_the_checksum() {
    let profile = InstrumentProfile::parse("x", ASCII).unwrap();
    let message = profile.message[0].of(26);
    // 23h + 31h + 41h = 95h.
    assert_eq!(message.send.unwrap().0, b"#1A95\r");
    assert_eq!(message.begins.0, b">1A");
}
