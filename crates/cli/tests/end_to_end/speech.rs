//! What the program says, in which language, to people and to programs.

use crate::common::{dutypoint, expect, json, shared, text};

/// What replay says of the shared run under these variables.
fn replay_under(variables: &[(&str, &str)]) -> String {
    let mut command = dutypoint();
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES");
    command.envs(variables.iter().copied());
    let bundle = shared().path("bundle.zip");
    let output = command.args(["replay", &bundle]).output().unwrap();
    assert!(output.status.success());
    text(&output)
}

#[test]
fn the_locale_chooses_the_language_by_the_order_of_its_variables() {
    let chinese = |said: &str| said.contains("机组效率: 合格") && !said.contains("Pass");
    let english = |said: &str| said.contains("Unit efficiency: Pass") && !said.contains("合格");
    for (variables, expected) in [
        (&[("LANG", "zh_CN.UTF-8")][..], true),
        (&[("LANG", "en_US.UTF-8")], false),
        (&[("LANG", "C"), ("LC_MESSAGES", "zh_CN.UTF-8")], true),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], false),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], true),
        (&[], false),
    ] {
        let said = replay_under(variables);
        assert!(
            if expected {
                chinese(&said)
            } else {
                english(&said)
            },
            "{variables:?}: {said}"
        );
    }
}

#[test]
fn an_evaluation_in_chinese_says_verdict_and_refusal_in_chinese() {
    let folder = tempfile::TempDir::new().unwrap();
    let order = crate::import::fixture("order.toml");
    let points = crate::import::fixture("points.csv");
    let said = expect(
        0,
        &[
            "import",
            order.to_str().unwrap(),
            points.to_str().unwrap(),
            "--out",
            folder.path().to_str().unwrap(),
            "--lang",
            "zh",
        ],
    );
    for part in [
        "判定",
        "规定流量下的扬程: 合格  241.83 m",
        "不作评价",
        "拒绝正式签发：",
        "试验不是由本实验室进行的",
        "验证通过",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("formal issue refused"), "{said}");
}

#[test]
fn an_error_is_one_json_document_too_and_carries_its_exit_code() {
    let journal = shared().path("journal.sqlite");
    for (args, part) in [
        (vec!["replay", "R1999", "--journal", &journal], "R1999"),
        (vec!["verify", "/nowhere/bundle.zip"], "/nowhere/bundle.zip"),
        (vec!["runs", "--journal", "/nowhere"], "/nowhere"),
        (
            vec!["import", "/nowhere.toml", "/nowhere.csv"],
            "/nowhere.toml",
        ),
    ] {
        let error = json(2, &args);
        assert_eq!(error["exit_code"], 2, "{args:?}");
        let said = error["error"].as_str().unwrap();
        assert!(said.starts_with("failed to "), "{said}");
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_command_line_that_cannot_be_read_is_one_json_document_too() {
    for (args, part) in [
        (
            vec!["no-such-verb"],
            "unrecognized subcommand 'no-such-verb'",
        ),
        (
            vec!["demo", "--speed", "0"],
            "expected a number from 0.1 to 100",
        ),
        (vec!["config"], "requires a subcommand"),
        (vec!["import", "order.toml"], "<POINTS>"),
    ] {
        let error = json(2, &args);
        assert_eq!(error["exit_code"], 2, "{args:?}");
        let said = error["error"].as_str().unwrap();
        assert!(
            said.starts_with("failed to read the command line: "),
            "{said}"
        );
        assert!(said.contains(part), "{said}");
    }
    // Behind `--` it is a word like any other, and help is no error.
    let output = crate::common::run(&["no-such-verb", "--", "--json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(expect(0, &["demo", "--help", "--json"]).contains("Examples:"));
}

#[test]
fn a_proof_and_its_failure_are_told_in_chinese() {
    let bundle = shared().path("bundle.zip");
    let said = expect(0, &["verify", &bundle, "--lang", "zh"]);
    for step in [
        "压缩包",
        "清单",
        "记录链",
        "依据文件",
        "签名",
        "重算",
        "报告文件",
        "份文档",
    ] {
        assert!(said.contains(step), "{step} in {said}");
    }
    assert!(!said.contains("documents"), "{said}");
    let foreign = "0".repeat(64);
    let said = expect(1, &["verify", &bundle, "--trust", &foreign, "--lang", "zh"]);
    assert!(said.contains("验证失败，步骤 签名"), "{said}");
    assert!(said.contains("不在受信任的公钥之列"), "{said}");
    let proof = json(1, &["verify", &bundle, "--trust", &foreign]);
    let why = &proof["failure"]["why"];
    assert!(
        why["en"]
            .as_str()
            .unwrap()
            .contains("not among the trusted keys")
    );
    assert!(why["zh"].as_str().unwrap().contains("不在受信任的公钥之列"));
}

#[test]
fn an_id_that_fits_two_runs_is_asked_for_more() {
    let data = tempfile::TempDir::new().unwrap();
    for name in ["a", "b"] {
        let folder = data.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let copy = folder.join("journal.sqlite");
        std::fs::copy(shared().file("journal.sqlite"), copy).unwrap();
    }
    let data = data.path().to_str().unwrap();
    let said = expect(2, &["replay", shared().run(), "--data", data]);
    assert!(said.contains("2 ids begin with"), "{said}");
}
