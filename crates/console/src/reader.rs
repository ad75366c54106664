//! In which language a reader reads: what the address says, else what they chose before,
//! else what their browser prefers, else Chinese.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use dutypoint_model::text::Lang;
use std::convert::Infallible;

/// Whoever reads the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) lang: Lang,
    /// Path and query of this page without the language, for the switch.
    pub(crate) here: String,
}

impl Reader {
    /// The text in the reader's language.
    pub(crate) fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// This page in `lang`.
    pub(crate) fn switched(&self, lang: Lang) -> String {
        let joint = if self.here.contains('?') { '&' } else { '?' };
        format!("{}{joint}lang={}", self.here, code(lang))
    }
}

/// Two letters, as in addresses and cookies.
pub(crate) fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            lang: asked(&parts.uri)
                .or_else(|| chosen(&parts.headers))
                .or_else(|| preferred(&parts.headers))
                .unwrap_or(Lang::Zh),
            here: without_lang(&parts.uri),
        })
    }
}

/// Remembers a language that the address asked for.
pub(crate) async fn remember(request: Request, next: Next) -> Response {
    let asked = asked(request.uri());
    let mut response = next.run(request).await;
    if let Some(lang) = asked {
        let cookie = match lang {
            Lang::Zh => "lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            Lang::En => "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        };
        response
            .headers_mut()
            .append(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }
    response
}

fn parse(text: &str) -> Option<Lang> {
    match text.get(..2) {
        Some(two) if two.eq_ignore_ascii_case("zh") => Some(Lang::Zh),
        Some(two) if two.eq_ignore_ascii_case("en") => Some(Lang::En),
        _ => None,
    }
}

fn asked(uri: &Uri) -> Option<Lang> {
    uri.query()?
        .split('&')
        .find_map(|part| parse(part.strip_prefix("lang=")?))
}

fn chosen(headers: &HeaderMap) -> Option<Lang> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|part| parse(part.trim().strip_prefix("lang=")?))
}

fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepted.split(',').find_map(|part| parse(part.trim()))
}

fn without_lang(uri: &Uri) -> String {
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with("lang="))
        .collect();
    // Two slashes at the beginning would name another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    if kept.is_empty() {
        path
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reader(uri: &str, headers: &[(&str, &str)]) -> Reader {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        Reader::from_request_parts(&mut parts, &()).await.unwrap()
    }

    #[tokio::test]
    async fn the_address_outranks_the_choice_and_the_choice_the_browser() {
        let both = [("cookie", "a=1; lang=en"), ("accept-language", "zh-CN,en")];
        assert_eq!(reader("/runs", &both).await.lang, Lang::En);
        assert_eq!(reader("/runs?lang=zh", &both).await.lang, Lang::Zh);
        assert_eq!(reader("/", &both[1..]).await.lang, Lang::Zh);
        let foreign = [("accept-language", "de-DE, en;q=0.8")];
        assert_eq!(reader("/", &foreign).await.lang, Lang::En);
        assert_eq!(reader("/?lang=é", &[]).await.lang, Lang::Zh);
    }

    #[tokio::test]
    async fn the_switch_keeps_the_rest_of_the_address() {
        let reader = reader("/check?number=SIM-1&lang=zh&token=ab", &[]).await;
        assert_eq!(
            reader.switched(Lang::En),
            "/check?number=SIM-1&token=ab&lang=en"
        );
        let reader = self::reader("//evil.example/", &[]).await;
        assert_eq!(reader.switched(Lang::En), "/evil.example/?lang=en");
    }
}
