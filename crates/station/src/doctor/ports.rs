//! Serial ports and network addresses, looked at without a byte sent to a device.

use super::{Check, State};
use dutypoint_engine::config::{Bench, Endpoint};
use dutypoint_fieldbus::{SerialPort, serial_ports};
use std::path::Path;
use std::time::Duration;

/// How long an address may take to answer a connection.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn checks(bench: Option<&Bench>) -> Vec<Check> {
    let mut checks = match serial_ports() {
        Ok(ports) if ports.is_empty() => {
            vec![Check::ok("ports.serial", "没有串口", "no serial ports")]
        }
        Ok(ports) => ports.iter().map(present).collect(),
        Err(error) => vec![
            Check::ok("ports.serial", format!("无法列出串口：{error}"), error).because(
                State::Warning,
                "在设备管理中查看串口",
                "look for the ports in the system's own list of devices",
            ),
        ],
    };
    for line in bench.into_iter().flat_map(|bench| &bench.line) {
        checks.push(match &line.endpoint {
            endpoint if endpoint.is_simulated() => Check::ok(
                "bench.line",
                format!("线路 {}：由模拟器提供", line.name),
                format!("line {}: supplied by the simulator", line.name),
            ),
            Endpoint::Rtu { port, .. } => serial_line(&line.name, Path::new(port)),
            Endpoint::Tcp { address, .. } | Endpoint::RtuTcp { address } => {
                tcp_line(&line.name, address).await
            }
        });
    }
    checks
}

/// A port of this machine. Without a bench nobody needs it, so that nothing is a failure.
fn present(port: &SerialPort) -> Check {
    let stable = port
        .stable
        .first()
        .map(|name| format!(" = {}", name.display()));
    let product = port.product.as_deref().map(|p| format!(" ({p})"));
    let what = format!(
        "{}{}{}",
        port.device.display(),
        stable.unwrap_or_default(),
        product.unwrap_or_default()
    );
    let check = Check::ok(
        "ports.serial",
        format!("串口 {what}"),
        format!("serial port {what}"),
    );
    usable(check, &port.device, State::Warning)
}

fn serial_line(name: &str, port: &Path) -> Check {
    let what = port.display();
    let check = Check::ok(
        "bench.line",
        format!("线路 {name}：串口 {what}"),
        format!("line {name}: serial port {what}"),
    );
    if !port.exists() {
        return check.because(
            State::Failure,
            "没有这个设备：插好转换器，并核对试验台文件中的 port（宜用 /dev/serial/by-id 下的名称）",
            "there is no such device: plug in the adapter and correct `port` in the bench file (best a name under /dev/serial/by-id)",
        );
    }
    usable(check, port, State::Failure)
}

async fn tcp_line(name: &str, address: &str) -> Check {
    let check = Check::ok(
        "bench.line",
        format!("线路 {name}：{address}"),
        format!("line {name}: {address}"),
    );
    let connected = tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await;
    let why = match connected {
        Ok(Ok(_)) => return check,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
    };
    check.because(
        State::Failure,
        format!("连不上（{why}）：检查电源、网线和试验台文件中的 address"),
        format!("it cannot be reached ({why}): look at power and cable, and at `address` in the bench file"),
    )
}

/// Whether this user may use the device, and whether nobody else does.
fn usable(check: Check, device: &Path, otherwise: State) -> Check {
    if !accessible(device) {
        return check.because(
            otherwise,
            "没有读写权限：把用户加入设备所属的组（多为 dialout：sudo usermod -aG dialout 用户名），重新登录",
            "it may not be read and written: add the user to the group of the device (mostly dialout: `sudo usermod -aG dialout USER`) and log in again",
        );
    }
    let Some(holder) = holder(device) else {
        return check;
    };
    check.because(
        otherwise,
        format!("被占用（{holder}）：先结束该程序"),
        format!("it is held by {holder}: end that program first"),
    )
}

#[cfg(unix)]
fn accessible(device: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(device, Access::READ_OK | Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn accessible(_device: &Path) -> bool {
    true
}

/// The other process that has the device open, as far as this user may see.
fn holder(device: &Path) -> Option<String> {
    let device = std::fs::canonicalize(device).ok()?;
    let own = std::process::id().to_string();
    for process in std::fs::read_dir("/proc").ok()?.filter_map(Result::ok) {
        let id = process.file_name().to_string_lossy().into_owned();
        if id == own || !id.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        // Of other users' processes the open files are not shown.
        let Ok(open) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let holds = open
            .filter_map(Result::ok)
            .any(|fd| std::fs::read_link(fd.path()).is_ok_and(|target| target == device));
        if holds {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(
                format!("process {id} {}", name.trim())
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_listens_is_reached_and_one_that_does_not_is_a_failure() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        assert_eq!(tcp_line("a", &address).await.state, State::Ok);
        // Bound and not listening: it refuses, and nobody else can take the port meanwhile.
        let silent = tokio::net::TcpSocket::new_v4().unwrap();
        silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = silent.local_addr().unwrap().to_string();
        let check = tcp_line("a", &address).await;
        assert_eq!(check.state, State::Failure);
        assert!(check.todo.unwrap().en.contains("`address`"));
    }

    #[test]
    fn a_device_that_another_process_has_open_is_named_with_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let device = folder.path().join("ttyUSB0");
        assert_eq!(serial_line("rtu", &device).state, State::Failure);
        std::fs::write(&device, b"").unwrap();
        assert_eq!(serial_line("rtu", &device).state, State::Ok);
        let open = std::fs::File::open(&device).unwrap();
        let mut other = std::process::Command::new("sleep")
            .arg("30")
            .stdin(open)
            .spawn()
            .unwrap();
        let check = serial_line("rtu", &device);
        other.kill().unwrap();
        other.wait().unwrap();
        if !Path::new("/proc/self/fd").exists() {
            return;
        }
        assert_eq!(check.state, State::Failure, "{check:?}");
        let said = check.todo.unwrap().en;
        assert!(
            said.contains(&format!("process {} sleep", other.id())),
            "{said}"
        );
    }
}
