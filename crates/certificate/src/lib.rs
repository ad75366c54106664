//! Certificate data, charts, PDF, bundle and offline verifier. Bytes in, bytes out.
//!
//! [`data::CertificateData`] holds everything a certificate shows; [`render`] turns it
//! into a PDF whose bytes depend on the data alone.
//!
//! ```
//! use dutypoint_certificate::{data::CertificateData, render};
//!
//! // The least a document needs; every other field may be left out.
//! let data: CertificateData = serde_json::from_str(r#"{
//!     "kind": "data_evaluation",
//!     "number": "DE-2026-00031",
//!     "issued_at": "2026-03-05T14:22:31+08:00",
//!     "laboratory": {"name": {"zh": "运城市水泵检验中心", "en": "Yuncheng Pump Test Centre"}},
//!     "specimen": {"product": {"zh": "潜水电泵", "en": "Submersible pump"}, "model": "200QJ80-55"},
//!     "digests": {"data": "9f2c41d07be8a35516c0b2f4e87d93aa"},
//!     "software": {"name": "dutypoint", "version": "0.1.0", "build": "unknown"}
//! }"#)?;
//! let pdf = render(&data)?;
//! assert!(pdf.starts_with(b"%PDF-1.7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )
)]

pub mod bundle;
pub mod chart;
pub mod check;
pub mod data;
pub mod document;
mod dossier;
mod error;
pub mod font;
mod layout;
mod pdf;
pub mod print;
pub mod record;
mod result;
pub mod sheet;
pub mod table;
pub mod verify;
mod when;
mod wrap;

pub use dossier::render_dossier;
pub use error::{Error, MissingGlyph};
pub use layout::render;
