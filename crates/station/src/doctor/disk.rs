//! The data folder: may it be written, how much room, on what, and how fast it is.

use super::{Check, State};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use sysinfo::Disks;

/// A run of a day and its files stay well below this.
const ROOM_MIB: u64 = 2048;
/// Below this a run should not begin.
const LEAST_MIB: u64 = 200;
/// The recorder commits a page every 50 ms of wall time.
const SLOW: Duration = Duration::from_millis(50);
const TOO_SLOW: Duration = Duration::from_secs(1);
/// Writes that are timed; the median counts, since the first finds cold caches.
const WRITES: usize = 9;

/// File systems on another machine: their locks and syncs promise less.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "ceph",
    "cifs",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb2",
    "smb3",
    "smbfs",
    "sshfs",
];
/// File systems that are gone after a restart.
const FLEETING: &[&str] = &["ramfs", "tmpfs"];

pub(super) fn checks(data: &Path) -> Vec<Check> {
    // A folder that is not there yet is made where its nearest ancestor lies; a relative
    // one lies in the folder the program was started in.
    let data = &std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let existing = data.ancestors().find(|folder| folder.is_dir());
    let Some(existing) = existing.map(Path::to_owned) else {
        return vec![
            Check::ok(
                "data.folder",
                format!("数据文件夹 {} 无处可建", data.display()),
                format!("the data folder {} has no parent folder", data.display()),
            )
            .because(
                State::Failure,
                "用 --data 指定另一个文件夹",
                "name another folder with --data",
            ),
        ];
    };
    let folder = folder(data, &existing);
    let writable = folder.state != State::Failure;
    let mut checks = vec![folder];
    checks.extend(room(&existing));
    if writable {
        checks.push(sync(&existing));
    }
    checks
}

fn folder(data: &Path, existing: &Path) -> Check {
    let there = data == existing;
    let check = Check::ok(
        "data.folder",
        format!(
            "数据文件夹 {}{}",
            data.display(),
            if there {
                ""
            } else {
                "（首次使用时建立）"
            }
        ),
        format!(
            "data folder {}{}",
            data.display(),
            if there { "" } else { " (made on first use)" }
        ),
    );
    if writable(existing) {
        return check;
    }
    check.because(
        State::Failure,
        format!(
            "没有 {} 的写权限：更改其所有者或权限，或用 --data 指定另一个",
            existing.display()
        ),
        format!(
            "{} may not be written: change its owner or permissions, or name another with --data",
            existing.display()
        ),
    )
}

#[cfg(unix)]
fn writable(folder: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn writable(folder: &Path) -> bool {
    tempfile::tempfile_in(folder).is_ok()
}

fn room(folder: &Path) -> Vec<Check> {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let disks = Disks::new_with_refreshed_list();
    // The mount with the longest path is the one the folder lies on.
    let disk = disks
        .iter()
        .filter(|disk| real.starts_with(disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().components().count());
    let Some(disk) = disk else {
        return vec![
            Check::ok(
                "disk.space",
                "未能得知磁盘",
                "the disk could not be found out",
            )
            .because(
                State::Warning,
                format!("自行确认可用空间不少于 {ROOM_MIB} MiB"),
                format!("see to it yourself that there are {ROOM_MIB} MiB free"),
            ),
        ];
    };
    let free = disk.available_space() / (1 << 20);
    let kind = disk.file_system().to_string_lossy().into_owned();
    vec![
        space(free),
        file_system(&kind, disk.mount_point().to_owned()),
    ]
}

fn space(free_mib: u64) -> Check {
    let check = Check::ok(
        "disk.space",
        format!("可用空间 {free_mib} MiB"),
        format!("{free_mib} MiB of disk free"),
    );
    let state = match free_mib {
        free if free < LEAST_MIB => State::Failure,
        free if free < ROOM_MIB => State::Warning,
        _ => return check,
    };
    check.because(
        state,
        format!("腾出空间，至少 {ROOM_MIB} MiB；磁盘写满时试验会暂停"),
        format!("make room, {ROOM_MIB} MiB at least; a full disk holds a run"),
    )
}

fn file_system(kind: &str, mount: PathBuf) -> Check {
    let check = Check::ok(
        "disk.file_system",
        format!("文件系统 {kind}，挂载于 {}", mount.display()),
        format!("file system {kind}, mounted at {}", mount.display()),
    );
    // FUSE names its kind behind a dot, as in fuse.sshfs.
    let plain = kind.trim_start_matches("fuse.").to_ascii_lowercase();
    if NETWORK.contains(&plain.as_str()) {
        return check.because(
            State::Warning,
            "网络文件系统：把数据文件夹放到本机磁盘上，否则断网即停且难保落盘",
            "a network file system: put the data folder on a local disk, or a broken network stops the run and what is synced is not certain to be kept",
        );
    }
    if FLEETING.contains(&plain.as_str()) {
        return check.because(
            State::Warning,
            "内存文件系统：重启后记录全失，换到磁盘上",
            "a file system in memory: journals are gone after a restart; put the data folder on a disk",
        );
    }
    check
}

/// How long it takes until a small write is on the disk.
fn sync(folder: &Path) -> Check {
    let timed = || -> std::io::Result<Vec<Duration>> {
        // Without a name, so that nothing stays behind whatever happens.
        let mut file = tempfile::tempfile_in(folder)?;
        (0..WRITES)
            .map(|_| {
                let begin = Instant::now();
                file.write_all(&[0x5a; 4096])?;
                file.sync_data()?;
                Ok(begin.elapsed())
            })
            .collect()
    };
    match timed() {
        Ok(mut times) => {
            times.sort();
            let median = times.get(WRITES / 2).copied().unwrap_or_default();
            let longest = times.last().copied().unwrap_or_default();
            speed(median, longest)
        }
        Err(error) => Check::ok(
            "disk.sync",
            format!("写盘失败：{error}"),
            format!("writing to the disk failed: {error}"),
        )
        .because(
            State::Failure,
            "检查磁盘和权限",
            "look at the disk and its permissions",
        ),
    }
}

fn speed(median: Duration, longest: Duration) -> Check {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let check = Check::ok(
        "disk.sync",
        format!(
            "落盘一次 {:.1} ms（最长 {:.1} ms）",
            ms(median),
            ms(longest)
        ),
        format!(
            "a write is on the disk after {:.1} ms (longest {:.1} ms)",
            ms(median),
            ms(longest)
        ),
    );
    let state = match median {
        time if time > TOO_SLOW => State::Failure,
        time if time > SLOW => State::Warning,
        _ => return check,
    };
    check.because(
        state,
        "换用固态盘，或停掉占用磁盘的程序；记录每 50 ms 落盘一次",
        "use a solid-state disk, or end what keeps this one busy; a run syncs every 50 ms",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_and_fleeting_file_systems_are_warned_of() {
        let state = |kind| file_system(kind, "/data".into()).state;
        for kind in ["nfs4", "cifs", "fuse.sshfs", "9p", "tmpfs"] {
            assert_eq!(state(kind), State::Warning, "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "NTFS", "fuse.ntfs"] {
            assert_eq!(state(kind), State::Ok, "{kind}");
        }
    }

    #[test]
    fn little_room_warns_and_none_fails() {
        let states = [2048, 2047, 200, 199].map(|free| space(free).state);
        let expected = [State::Ok, State::Warning, State::Warning, State::Failure];
        assert_eq!(states, expected);
    }

    #[test]
    fn a_disk_slower_than_the_recorder_commits_is_warned_of() {
        let state = |ms| speed(Duration::from_millis(ms), Duration::from_millis(ms)).state;
        assert_eq!(
            [50, 51, 1001].map(state),
            [State::Ok, State::Warning, State::Failure]
        );
    }

    #[test]
    fn a_data_folder_that_is_not_there_yet_is_judged_by_where_it_will_be_and_not_made() {
        let folder = tempfile::TempDir::new().unwrap();
        let data = folder.path().join("a/b");
        let checks = checks(&data);
        assert_eq!(checks[0].state, State::Ok, "{checks:?}");
        assert!(
            checks[0].found.en.contains("made on first use"),
            "{checks:?}"
        );
        assert!(checks.iter().any(|c| c.id == "disk.sync"), "{checks:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
