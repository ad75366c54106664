//! Files runs depend on, stored by content: order, bench, packs, profiles, tables.

use crate::error::Place;
use crate::{Error, SqliteLedger};
use dutypoint_model::Digest;
use dutypoint_model::document::FileRef;

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Name it was first stored under.
    pub name: String,
    /// Content; its digest has been checked.
    pub bytes: Vec<u8>,
}

impl SqliteLedger {
    /// Makes a file durable. The same bytes are stored once, under the first name.
    ///
    /// # Errors
    /// [`Error::FileName`] for a name with a folder in it, [`Error::ReadOnly`],
    /// [`Error::Held`].
    pub async fn put_file(&mut self, name: &str, bytes: &[u8]) -> Result<FileRef, Error> {
        if name.is_empty()
            || matches!(name, "." | "..")
            || name.contains(['/', '\\'])
            || name.chars().any(char::is_control)
        {
            return Err(Error::FileName {
                name: name.to_owned(),
                why: "give the name alone, without folders and control characters".into(),
            });
        }
        let digest = Digest::of(bytes);
        let mut conn = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO file (digest, name, bytes) SELECT ?1, ?2, ?3 \
             WHERE NOT EXISTS (SELECT 1 FROM file WHERE digest = ?1)",
        )
        .bind(digest.0.as_slice())
        .bind(name)
        .bind(bytes)
        .execute(&mut conn)
        .await;
        self.end(conn, done.map_err(Into::into)).await?;
        Ok(FileRef {
            name: name.to_owned(),
            digest,
        })
    }

    /// The file of this content.
    ///
    /// # Errors
    /// [`Error::UnknownFile`], [`Error::Damaged`] when the stored bytes have another
    /// digest, [`Error::Read`].
    pub async fn file(&self, digest: &Digest) -> Result<StoredFile, Error> {
        let mut conn = self.reader.lock().await;
        let row: Option<(String, Vec<u8>)> =
            sqlx::query_as("SELECT name, bytes FROM file WHERE digest = ?1")
                .bind(digest.0.as_slice())
                .fetch_optional(&mut *conn)
                .await
                .map_err(|e| self.reading(e.into()))?;
        let Some((name, bytes)) = row else {
            return Err(Error::UnknownFile { digest: *digest });
        };
        if Digest::of(&bytes) != *digest {
            return Err(Error::Damaged {
                place: Place::File {
                    digest: digest.to_string(),
                    field: "bytes",
                },
                why: "they have another digest than they are filed under".into(),
            });
        }
        Ok(StoredFile { name, bytes })
    }
}
