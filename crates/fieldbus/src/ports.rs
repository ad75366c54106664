//! The serial ports of this machine, by the name that stays.
//!
//! A USB adapter is ttyUSB0 today and ttyUSB1 tomorrow; the links udev makes under
//! `/dev/serial` name the adapter or the socket it is in, and belong in a bench file.

use std::path::{Path, PathBuf};

/// A serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPort {
    /// The device.
    pub device: PathBuf,
    /// Names that stay when devices are plugged in another order; none for a built-in port.
    pub stable: Vec<PathBuf>,
    /// What the adapter calls itself.
    pub product: Option<String>,
}

/// The serial ports there are, by device name.
///
/// # Errors
/// What the system said when it could not be asked.
pub fn serial_ports() -> Result<Vec<SerialPort>, String> {
    // Where there is no such folder the library panics, and there are no ports.
    if cfg!(target_os = "linux") && !Path::new("/sys/class/tty").is_dir() {
        return Ok(Vec::new());
    }
    let links = stable_names(Path::new("/dev/serial"));
    let found = tokio_serial::available_ports().map_err(|e| e.to_string())?;
    let mut ports: Vec<SerialPort> = found
        .into_iter()
        .map(|port| {
            let device = PathBuf::from(&port.port_name);
            let real = std::fs::canonicalize(&device).unwrap_or_else(|_| device.clone());
            let stable = links.iter().filter(|(_, target)| *target == real);
            SerialPort {
                stable: stable.map(|(link, _)| link.clone()).collect(),
                product: match port.port_type {
                    tokio_serial::SerialPortType::UsbPort(usb) => usb.product,
                    _ => None,
                },
                device,
            }
        })
        .collect();
    ports.sort_by(|a, b| a.device.cmp(&b.device));
    Ok(ports)
}

/// The name of `port` that names the socket it is in, else the adapter; none where the
/// system keeps none.
#[must_use]
pub fn stable_name(port: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(port).ok()?;
    let links = stable_names(Path::new("/dev/serial"));
    let mut own = links.into_iter().filter(|(_, target)| *target == real);
    // Sorted: by-id comes first, by-path last.
    own.next_back().map(|(link, _)| link)
}

/// How long a USB adapter of FTDI's kind holds back what it received, milliseconds; none
/// for any other port. At its usual 16 ms a line carries some 62 exchanges a second.
#[must_use]
pub fn latency_timer_ms(port: &Path) -> Option<u32> {
    let real = std::fs::canonicalize(port).ok()?;
    latency_in(Path::new("/sys/bus/usb-serial/devices"), &real)
}

fn latency_in(root: &Path, real: &Path) -> Option<u32> {
    let file = root.join(real.file_name()?).join("latency_timer");
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Links under `/dev/serial/by-id` and `by-path` with what they point to.
fn stable_names(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut links = Vec::new();
    for folder in ["by-id", "by-path"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        for link in entries.filter_map(|e| Some(e.ok()?.path())) {
            if let Ok(target) = std::fs::canonicalize(&link) {
                links.push((link, target));
            }
        }
    }
    links.sort();
    links
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_stable_name_leads_to_its_device_and_by_id_comes_first() {
        let root = std::env::temp_dir().join(format!("dutypoint-ports-{}", std::process::id()));
        std::fs::create_dir_all(root.join("by-id")).unwrap();
        std::fs::create_dir_all(root.join("by-path")).unwrap();
        let device = root.join("ttyUSB7");
        std::fs::write(&device, b"").unwrap();
        let device = std::fs::canonicalize(device).unwrap();
        for name in ["by-path/usb-0:1", "by-id/usb-FTDI_1234"] {
            std::os::unix::fs::symlink(&device, root.join(name)).unwrap();
        }
        std::os::unix::fs::symlink("/nowhere", root.join("by-id/gone")).unwrap();
        let names = stable_names(&root);
        std::fs::remove_dir_all(&root).unwrap();
        let expected = ["by-id/usb-FTDI_1234", "by-path/usb-0:1"];
        assert_eq!(names, expected.map(|n| (root.join(n), device.clone())));
    }

    #[test]
    fn the_latency_timer_is_that_of_the_port_and_other_ports_have_none() {
        let root = std::env::temp_dir().join(format!("dutypoint-latency-{}", std::process::id()));
        std::fs::create_dir_all(root.join("ttyUSB7")).unwrap();
        std::fs::write(root.join("ttyUSB7/latency_timer"), "16\n").unwrap();
        let of = |port: &str| latency_in(&root, Path::new(port));
        let found = (of("/dev/ttyUSB7"), of("/dev/ttyS0"));
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, (Some(16), None));
    }
}
