//! Takes in a request's body, within limits: of one body, of all bodies together, and of time.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use wire::api::{Error, ErrorCode};

use crate::Config;

/// The memory that all bodies may use together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// A body in memory; gives its share of the [`Budget`] back when the last slice of it is dropped.
struct Held {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Debug)]
struct Share {
    budget: Budget,
    bytes: usize,
}

impl Share {
    fn grow(&mut self, bytes: usize, max: usize) -> Result<(), Error> {
        let before = self.budget.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before + bytes > max {
            let message = "Too many request bodies at a time; retry later";
            return Err(Error::new(ErrorCode::Throttled, message));
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Takes in a body of at most `bytes_max`; what is returned keeps its share of the budget for as long as it is in use.
pub(super) async fn take<B>(
    body: B,
    bytes_max: usize,
    config: &Config,
    budget: &Budget,
) -> Result<Bytes, Error>
where
    B: Body<Data = Bytes, Error: std::fmt::Display>,
{
    tokio::time::timeout(config.request_timeout, collect(body, bytes_max, config, budget))
        .await
        .unwrap_or_else(|_| {
            let message = "The request's body did not arrive in time";
            Err(Error::new(ErrorCode::RequestTimeout, message))
        })
}

async fn collect<B>(
    body: B,
    bytes_max: usize,
    config: &Config,
    budget: &Budget,
) -> Result<Bytes, Error>
where
    B: Body<Data = Bytes, Error: std::fmt::Display>,
{
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large(bytes_max));
    }
    let mut body = pin!(body);
    let mut share = Share { budget: budget.clone(), bytes: 0 };
    // Most bodies come in one piece, which is then handed on without copying.
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Error::serialization(format!("Request body could not be read: {error}"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if share.bytes + data.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        share.grow(data.len(), config.bodies_bytes_max)?;
        if first.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        whole.extend_from_slice(&data);
    }
    let bytes = if whole.is_empty() { first } else { whole.into() };
    Ok(Bytes::from_owner(Held { bytes, _share: share }))
}

fn too_large(bytes_max: usize) -> Error {
    let message = format!("Request body is larger than {bytes_max} bytes");
    Error::new(ErrorCode::RequestEntityTooLarge, message)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use http_body_util::Full;
    use hyper::body::Frame;

    use super::*;

    const BYTES_MAX: usize = 10;

    fn config() -> Config {
        Config { bodies_bytes_max: 15, ..Config::default() }
    }

    /// A body that arrives in pieces; with `is_stuck` its end never comes.
    struct Pieces {
        pieces: VecDeque<&'static str>,
        is_stuck: bool,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match self.pieces.pop_front() {
                Some(piece) => Poll::Ready(Some(Ok(Frame::data(Bytes::from(piece))))),
                None if self.is_stuck => Poll::Pending,
                None => Poll::Ready(None),
            }
        }
    }

    fn pieces(pieces: &[&'static str]) -> Pieces {
        Pieces { pieces: pieces.iter().copied().collect(), is_stuck: false }
    }

    #[tokio::test]
    async fn pieces_become_one_body() {
        let budget = Budget::default();
        for (parts, whole) in [
            (&[][..], ""),
            (&["abc"][..], "abc"),
            (&["", "a", "", "bc", "defghij"][..], "abcdefghij"),
        ] {
            let taken =
                take(pieces(parts), BYTES_MAX, &config(), &budget).await.expect("within limits");
            assert_eq!(taken, whole);
        }
    }

    #[tokio::test]
    async fn a_byte_too_many_is_refused() {
        let refused =
            take(pieces(&["abcdef", "ghijk"]), BYTES_MAX, &config(), &Budget::default()).await;
        assert_eq!(
            refused.expect_err("11 bytes").to_string(),
            "RequestEntityTooLargeException: Request body is larger than 10 bytes"
        );
    }

    #[tokio::test]
    async fn all_bodies_share_one_budget_and_give_it_back() {
        let budget = Budget::default();
        let ten = || Full::new(Bytes::from("abcdefghij"));
        let held = take(ten(), BYTES_MAX, &config(), &budget).await.expect("within the budget");
        let slice = held.slice(3..4);
        drop(held);
        let refused =
            take(ten(), BYTES_MAX, &config(), &budget).await.expect_err("beyond the budget");
        assert_eq!(refused.code, ErrorCode::Throttled);
        drop(slice);
        take(ten(), BYTES_MAX, &config(), &budget).await.expect("within the budget again");
        assert_eq!(budget.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let stuck = Pieces { is_stuck: true, ..pieces(&["a"]) };
        let config = Config { request_timeout: Duration::ZERO, ..config() };
        let refused =
            take(stuck, BYTES_MAX, &config, &Budget::default()).await.expect_err("no end");
        assert_eq!(refused.code, ErrorCode::RequestTimeout);
    }
}
