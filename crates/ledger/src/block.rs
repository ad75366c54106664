//! Documents packed tightly for storage: what pages hold goes into columns, and these are
//! compressed.
//!
//! Contract: packing is storage only. What is unpacked are the very bytes that were packed, which
//! the digests of the chain prove; a block from which they do not come back is not made.
//!
//! Requests lie near a grid and readings near the ones before, so of both the differences are
//! kept, the bytes of equal weight side by side: most of them are zero.

mod column;
mod words;

use crate::Error;
use column::Column;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Exchange, Page, Quality};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Document, Sealed, cbor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use words::Group;

/// Most bytes a block may unpack to: far more than the ten seconds it holds.
const LARGEST: usize = 64 << 20;
/// Most documents, and most exchanges, of a block.
const MOST: usize = 1 << 20;
/// How hard the compressor tries; a block of ten seconds takes it some milliseconds.
const LEVEL: i32 = 12;

/// The columns of a block, as they are compressed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    /// Of each document: 0 a page, else one more than the bytes it has in `others`.
    documents: Column,
    others: Bytes,
    /// Of each page: its time as far as it is not the usual time after the one before, ns,
    /// and how many exchanges it holds.
    times: Column,
    exchanges: Column,
    /// The usual time between two pages, ns.
    interval_ns: i64,
    /// Each poll with its usual period and duration, µs.
    polls: Vec<(u16, i64, i64)>,
    /// Of each exchange: its poll as a place among `polls`; what its request is off the period,
    /// and its answer off the duration, µs; its quality; how many bytes it brought.
    places: Column,
    sent: Column,
    took: Column,
    qualities: Column,
    sizes: Column,
    /// The words of the exchanges, by poll and size.
    groups: Vec<Group>,
}

/// Packs consecutive documents of one run.
///
/// # Errors
/// [`Error::Block`] when they do not come back as they are.
pub fn pack(documents: &[Sealed]) -> Result<Vec<u8>, Error> {
    let Some(first) = documents.first() else {
        return Err(failed("it holds no document"));
    };
    let content = cbor::encode(&columns(documents)).map_err(failed)?;
    let block = zstd::bulk::compress(&content, LEVEL).map_err(failed)?;
    let head = ChainHead {
        run: first.run.clone(),
        next: first.seq,
        digest: first.prev,
    };
    let same = |(a, b): (&Sealed, &Sealed)| a.digest == b.digest && a.bytes == b.bytes;
    let back = unpack(head, &block)?;
    if back.len() == documents.len() && back.iter().zip(documents).all(same) {
        Ok(block)
    } else {
        Err(failed("the documents do not come back as they are"))
    }
}

/// Unpacks the documents that follow `head`. That they are the ones that were packed shows the
/// digest of the last.
///
/// # Errors
/// [`Error::Block`] for bytes that are no block, or of which a document does not continue the
/// chain.
pub fn unpack(mut head: ChainHead, block: &[u8]) -> Result<Vec<Sealed>, Error> {
    let content = zstd::bulk::decompress(block, LARGEST).map_err(failed)?;
    let columns: Columns = cbor::decode(&content).map_err(failed)?;
    let short = || failed("its columns do not belong together");
    let mut pages = pages(&columns).ok_or_else(short)?.into_iter();
    let mut others = columns.others.0.as_slice();
    let mut documents = Vec::new();
    for size in columns.documents.values(MOST).ok_or_else(short)? {
        documents.push(match usize::try_from(size).map_err(failed)? {
            0 => {
                let page = pages.next().ok_or_else(short)?;
                head.append(Document::Page(page)).map_err(failed)?
            }
            size => {
                let (bytes, rest) = others.split_at_checked(size - 1).ok_or_else(short)?;
                others = rest;
                head.follow(bytes.to_vec()).map_err(failed)?
            }
        });
    }
    Ok(documents)
}

fn failed(why: impl std::fmt::Display) -> Error {
    Error::Block {
        why: why.to_string(),
    }
}

fn columns(documents: &[Sealed]) -> Columns {
    let mut columns = Columns::default();
    let mut sizes = Vec::with_capacity(documents.len());
    let mut pages = Vec::with_capacity(documents.len());
    for sealed in documents {
        match &sealed.doc {
            Document::Page(page) => {
                sizes.push(0);
                pages.push(page);
            }
            _ => {
                sizes.push(whole(sealed.bytes.len()).wrapping_add(1));
                columns.others.0.extend_from_slice(&sealed.bytes);
            }
        }
    }
    columns.documents = Column::of(&sizes);
    let times: Vec<i64> = pages.iter().map(|page| page.t_ns).collect();
    columns.interval_ns = usual(differences(&times));
    columns.times = Column::of(&off(&times, columns.interval_ns));
    let counts: Vec<i64> = pages.iter().map(|p| whole(p.exchanges.len())).collect();
    columns.exchanges = Column::of(&counts);

    let mut of_poll: BTreeMap<u16, Vec<Moment>> = BTreeMap::new();
    for page in &pages {
        for exchange in &page.exchanges {
            let moment = Moment::of(page, exchange);
            of_poll.entry(exchange.0).or_default().push(moment);
        }
    }
    columns.polls = (of_poll.iter())
        .map(|(poll, moments)| {
            let sent: Vec<i64> = moments.iter().map(|m| m.sent_us).collect();
            let took = moments.iter().map(|m| m.took_us).collect();
            (*poll, usual(differences(&sent)), usual(took))
        })
        .collect();
    let mut grids = Grids::new(&columns.polls);
    let (mut places, mut sent, mut took) = (Vec::new(), Vec::new(), Vec::new());
    let (mut qualities, mut sizes) = (Vec::new(), Vec::new());
    let mut groups: BTreeMap<(u16, usize), Vec<&[u8]>> = BTreeMap::new();
    for page in &pages {
        for exchange in &page.exchanges {
            let Exchange(poll, _, _, quality, Bytes(words)) = exchange;
            let Some((place, grid)) = grids.of(*poll) else {
                continue;
            };
            let moment = Moment::of(page, exchange);
            places.push(whole(place));
            sent.push(moment.sent_us.wrapping_sub(grid.expected_us()));
            took.push(moment.took_us.wrapping_sub(grid.took_us));
            grid.last_us = moment.sent_us;
            qualities.push(code(*quality));
            sizes.push(whole(words.len()));
            groups.entry((*poll, words.len())).or_default().push(words);
        }
    }
    columns.places = Column::of(&places);
    columns.sent = Column::of(&sent);
    columns.took = Column::of(&took);
    columns.qualities = Column::of(&qualities);
    columns.sizes = Column::of(&sizes);
    columns.groups = groups.into_values().map(|of| Group::of(&of)).collect();
    columns
}

/// The pages of a block, as its columns say.
fn pages(columns: &Columns) -> Option<Vec<Page>> {
    let times = columns.times.values(MOST)?;
    let counts = columns.exchanges.values(MOST)?;
    let places = columns.places.values(MOST)?;
    let sizes = columns.sizes.values(MOST)?;
    let mut each = (places.into_iter().zip(&sizes))
        .zip(columns.sent.values(MOST)?)
        .zip(columns.took.values(MOST)?)
        .zip(columns.qualities.values(MOST)?);
    let mut grids = Grids::new(&columns.polls);
    let mut t_ns: i64 = 0;
    let mut pages = Vec::with_capacity(times.len());
    let mut members: BTreeMap<(u16, usize), Vec<(usize, usize)>> = BTreeMap::new();
    for (nth, (time, count)) in times.into_iter().zip(counts).enumerate() {
        let usual = if nth == 0 { 0 } else { columns.interval_ns };
        t_ns = t_ns.wrapping_add(usual).wrapping_add(time);
        let mut exchanges = Vec::new();
        for _ in 0..count {
            let ((((place, size), sent), took), quality) = each.next()?;
            let (poll, grid) = grids.at(usize::try_from(place).ok()?)?;
            let sent_us = grid.expected_us().wrapping_add(sent);
            grid.last_us = sent_us;
            let offset_us = sent_us.wrapping_sub(t_ns.div_euclid(1000));
            let answered_us = offset_us.wrapping_add(grid.took_us).wrapping_add(took);
            let group = (poll, usize::try_from(*size).ok()?);
            let place = (pages.len(), exchanges.len());
            members.entry(group).or_default().push(place);
            let quality = quality_of(quality)?;
            exchanges.push(Exchange(
                poll,
                offset_us,
                answered_us,
                quality,
                Bytes::default(),
            ));
        }
        pages.push(Page { t_ns, exchanges });
    }
    let mut groups = columns.groups.iter();
    for ((_, size), members) in members {
        let payloads = groups.next()?.payloads(size, members.len())?;
        for ((page, exchange), payload) in members.into_iter().zip(payloads) {
            pages.get_mut(page)?.exchanges.get_mut(exchange)?.4 = Bytes(payload);
        }
    }
    Some(pages)
}

/// When an exchange took place.
struct Moment {
    sent_us: i64,
    took_us: i64,
}

impl Moment {
    fn of(page: &Page, exchange: &Exchange) -> Self {
        Self {
            sent_us: page.t_ns.div_euclid(1000).wrapping_add(exchange.1),
            took_us: exchange.2.wrapping_sub(exchange.1),
        }
    }
}

/// When the requests of each poll are expected.
struct Grids(Vec<(u16, Grid)>);

struct Grid {
    period_us: i64,
    took_us: i64,
    /// The request before; zero where there was none, like the period then.
    last_us: i64,
    begun: bool,
}

impl Grids {
    fn new(polls: &[(u16, i64, i64)]) -> Self {
        let grid = |&(poll, period_us, took_us): &(u16, i64, i64)| {
            let grid = Grid {
                period_us,
                took_us,
                last_us: 0,
                begun: false,
            };
            (poll, grid)
        };
        Self(polls.iter().map(grid).collect())
    }

    fn of(&mut self, poll: u16) -> Option<(usize, &mut Grid)> {
        let place = self.0.binary_search_by_key(&poll, |(poll, _)| *poll).ok()?;
        let (_, grid) = self.0.get_mut(place)?;
        Some((place, grid))
    }

    fn at(&mut self, place: usize) -> Option<(u16, &mut Grid)> {
        let (poll, grid) = self.0.get_mut(place)?;
        Some((*poll, grid))
    }
}

impl Grid {
    fn expected_us(&mut self) -> i64 {
        if std::mem::replace(&mut self.begun, true) {
            self.last_us.wrapping_add(self.period_us)
        } else {
            0
        }
    }
}

/// What numbers differ by from one to the next.
fn differences(values: &[i64]) -> Vec<i64> {
    let pairs = values.iter().zip(values.iter().skip(1));
    pairs.map(|(a, b)| b.wrapping_sub(*a)).collect()
}

/// The first number, then what each is off the one before and the `step`.
fn off(values: &[i64], step: i64) -> Vec<i64> {
    let steps = differences(values).into_iter();
    let off = steps.map(|difference| difference.wrapping_sub(step));
    values.first().copied().into_iter().chain(off).collect()
}

/// The median; zero of nothing.
fn usual(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// Lengths of what is in memory fit.
fn whole(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Codes of qualities; an exception is 8 and its own code.
fn code(quality: Quality) -> i64 {
    match quality {
        Quality::Good => 0,
        Quality::Timeout => 1,
        Quality::WrongLength => 2,
        Quality::Garbled => 3,
        Quality::Disconnected => 4,
        Quality::Slept => 5,
        Quality::Exception(code) => 8 + i64::from(code),
    }
}

fn quality_of(code: i64) -> Option<Quality> {
    Some(match code {
        0 => Quality::Good,
        1 => Quality::Timeout,
        2 => Quality::WrongLength,
        3 => Quality::Garbled,
        4 => Quality::Disconnected,
        5 => Quality::Slept,
        code => Quality::Exception(u8::try_from(code.checked_sub(8)?).ok()?),
    })
}

#[cfg(test)]
mod tests;
