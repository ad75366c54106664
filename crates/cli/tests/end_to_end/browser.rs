//! The console in a real browser while a real run is recorded.

use crate::common::{SPEED, Turn, dutypoint, shared};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A console that ends with the test.
struct Console {
    child: Child,
    address: String,
}

impl Console {
    /// Starts the verb `args` and waits for the address it prints on standard error
    /// (`demo`) or output (`serve`).
    fn start(args: &[&str]) -> Self {
        let mut child = dutypoint()
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out: Box<dyn std::io::Read> = match args.first() {
            Some(&"serve") => Box::new(child.stdout.take().unwrap()),
            _ => Box::new(child.stderr.take().unwrap()),
        };
        let address = BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let at = line.find("http://127.0.0.1:")?;
                Some(line[at..].trim().to_owned())
            })
            .unwrap();
        Self { child, address }
    }

    /// The answer to `GET path`, head and body, asked as `host`.
    fn get(&self, path: &str, host: Option<&str>, more: &str) -> (String, Vec<u8>) {
        let authority = self
            .address
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let mut stream = TcpStream::connect(authority).unwrap();
        let host = host.unwrap_or(authority);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `cargo xtask test` puts playwright-core, and the browser; none, said aloud,
/// where a developer left them out.
fn browser() -> Option<(PathBuf, PathBuf)> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let modules = target.join("browser/node_modules");
    let engine = Path::new("/usr/bin/chromium").to_owned();
    if modules.join("playwright-core").exists() && engine.exists() {
        return Some((modules, engine));
    }
    let missing = "playwright-core or chromium is missing; `cargo xtask test` installs them";
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci.is_empty()),
        "{missing}"
    );
    eprintln!("left out: {missing}");
    None
}

#[test]
fn a_browser_sees_numbers_move_a_point_appear_and_a_report_download() {
    let Some((modules, engine)) = browser() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let _turn = Turn::take();
    let console = Console::start(&[
        "demo",
        "--port",
        "0",
        "--speed",
        SPEED,
        "--out",
        out.to_str().unwrap(),
    ]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/browser.js");
    let output = Command::new("node")
        .arg(script)
        .args([&modules, &engine])
        .arg(&console.address)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();

    let none = Value::Array(Vec::new());
    // A wrong code is answered with 404, which a browser reports.
    let errors: Vec<&str> = seen["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .filter(|e| !e.contains("404"))
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(seen["foreign"], none, "the pages ask nobody else");
    assert_eq!(seen["language"], "zh-CN");
    assert_eq!(seen["simulated"], "模拟数据");
    assert!(seen["nameOfFlow"].as_str().unwrap().starts_with("流量"));
    assert!(seen["flows"].as_array().unwrap().len() >= 5, "{seen}");
    assert!(seen["age"].as_str().unwrap().ends_with(" s"), "{seen}");
    let marks = |key: &str| seen[key].as_u64().unwrap();
    assert!(marks("marksAfter") >= marks("marksBefore") + 2, "{seen}");
    assert_eq!(seen["verdict"], "合格");
    assert_eq!(seen["curves"], 1);
    assert!(seen["findings"].as_u64().unwrap() >= 6, "{seen}");
    assert_eq!(seen["replayed"], true);
    assert_eq!(seen["download"]["head"], "%PDF-");
    assert_eq!(seen["download"]["digestIsOnThePage"], true);
    assert_eq!(seen["english"], "Findings");
    assert_eq!(seen["remembered"], "en");
    assert_eq!(seen["wrongCode"]["status"], 404);
    assert_eq!(seen["rightCode"]["status"], 200);
    assert!(
        seen["rightCode"]["word"]
            .as_str()
            .unwrap()
            .starts_with("Simulated"),
        "{seen}"
    );
    assert!(seen["samePdf"].as_str().unwrap().contains("the same"));
    assert!(seen["changedPdf"].as_str().unwrap().contains("different"));
}

#[test]
fn what_is_downloaded_is_what_was_issued_to_the_byte() {
    let journal = shared().path("journal.sqlite");
    let console = Console::start(&["serve", "--port", "0", "--journal", &journal]);
    for name in ["certificate.pdf", "bundle.zip", "result.json"] {
        let path = format!("/runs/{}/{name}", shared().run());
        let (head, body) = console.get(&path, None, "");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("attachment; filename=\"SIM-R"), "{head}");
        assert!(
            body == std::fs::read(shared().file(name)).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn every_page_says_the_same_in_both_languages_under_a_strict_policy() {
    let journal = shared().path("journal.sqlite");
    let console = Console::start(&["serve", "--port", "0", "--journal", &journal]);
    let run = shared().run();
    let run_page = format!("/runs/{run}");
    for (path, zh, en) in [
        ("/", "没有正在进行的试验", "No test is running"),
        ("/runs", "检测报告", "Report"),
        ("/check", "报告编号", "Number"),
        (run_page.as_str(), "机组效率", "Unit efficiency"),
    ] {
        for (lang, expected) in [("zh", zh), ("en", en)] {
            let (head, body) = console.get(&format!("{path}?lang={lang}"), None, "");
            let text = String::from_utf8(body).unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
            assert!(text.contains(expected), "{path} in {lang}");
            let head = head.to_ascii_lowercase();
            assert!(head.contains("content-security-policy: default-src 'none'"));
            assert!(head.contains(&format!("set-cookie: lang={lang};")));
            assert!(
                !text.contains("style=\"") && !text.contains("onclick"),
                "{path}"
            );
        }
    }
}

#[test]
fn addresses_that_mean_nothing_are_answered_and_change_nothing() {
    let journal = shared().path("journal.sqlite");
    let before = std::fs::read(shared().file("journal.sqlite")).unwrap();
    let console = Console::start(&["serve", "--port", "0", "--journal", &journal]);
    let run = shared().run();
    for path in [
        "/runs/R1999".to_owned(),
        "/runs/..%2f..%2fetc%2fpasswd".to_owned(),
        "/runs/%00".to_owned(),
        format!("/runs/{run}/station.key"),
        format!("/runs/{run}%27--"),
        "/assets/../Cargo.toml".to_owned(),
        "/check?number=SIM-x&token=0000000000000000".to_owned(),
        format!("/check?number=SIM-{run}&token=00"),
    ] {
        let (head, _) = console.get(&path, None, "");
        assert!(head.starts_with("HTTP/1.1 404"), "{path}: {head}");
    }
    // A name that another site made point here.
    let (head, body) = console.get("/runs", Some("bench.example"), "");
    assert!(head.starts_with("HTTP/1.1 421"), "{head}");
    assert!(!String::from_utf8_lossy(&body).contains(run));
    assert!(std::fs::read(shared().file("journal.sqlite")).unwrap() == before);
}

#[test]
fn the_first_page_is_small() {
    let journal = shared().path("journal.sqlite");
    let console = Console::start(&["serve", "--port", "0", "--journal", &journal]);
    let mut bytes = 0;
    for path in [
        "/",
        "/assets/console.css",
        "/assets/live.js",
        "/assets/mark.svg",
    ] {
        let (head, body) = console.get(path, None, "Accept-Encoding: gzip\r\n");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        bytes += head.len() + body.len();
    }
    assert!(bytes < 100_000, "{bytes} bytes");
}

#[test]
fn a_port_that_is_taken_is_bad_input() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let journal = shared().path("journal.sqlite");
    let said = crate::common::expect(2, &["serve", "--port", &port, "--journal", &journal]);
    assert!(said.contains("choose another with --port"), "{said}");
    let said = crate::common::expect(2, &["serve", "--journal", "no-such-folder"]);
    assert!(said.contains("failed to find a journal"), "{said}");
}

#[test]
fn a_console_follows_a_run_that_another_process_records() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let mut recorder = dutypoint()
        .args(["demo", "--no-serve", "--speed", "4", "--out"])
        .arg(&out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let journal = out.join("journal.sqlite");
    while !journal.exists() {
        assert!(recorder.try_wait().unwrap().is_none(), "the recorder ended");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let journal = journal.to_str().unwrap();
    let console = Console::start(&["serve", "--port", "0", "--journal", journal]);
    let flow = loop {
        assert!(
            recorder.try_wait().unwrap().is_none(),
            "the run ended unseen"
        );
        let (_, body) = console.get("/", None, "");
        let page = String::from_utf8(body).unwrap();
        let shown = page
            .split_once("id=\"big-flow\"")
            .and_then(|(_, rest)| rest.split_once("class=\"value\">"))
            .and_then(|(_, rest)| rest.split_once('<'))
            .map(|(value, _)| value.to_owned());
        match shown {
            Some(value) if value != "—" => break value,
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    };
    assert!(flow.parse::<f64>().is_ok(), "{flow}");

    // A recorder that died leaves no number that looks fresh, and no channel steady.
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    loop {
        let (_, body) = console.get("/", None, "");
        let page = String::from_utf8(body).unwrap();
        let quality = page
            .split_once("id=\"big-flow\" data-quality=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(quality, _)| quality.to_owned());
        match quality.as_deref() {
            Some("good" | "bad") => std::thread::sleep(std::time::Duration::from_millis(100)),
            other => {
                assert_eq!(other, Some("silent"), "{page}");
                assert!(!page.contains("data-quality=\"good\""), "{page}");
                assert!(!page.contains("data-steady=\"yes\""), "{page}");
                break;
            }
        }
    }
}
