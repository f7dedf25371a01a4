//! The server behind a lane, for tests: answers batches as it is told and remembers them.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::fake::{Answer, Call, Fake};

/// The answer to a batch that was taken whole.
pub(crate) const TAKEN: (u16, &str) = (200, "{\"UnprocessedTraceSegments\":[]}");

/// What came in one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) is_repeated: bool,
}

impl Heard {
    fn of(call: &Call) -> Self {
        Self {
            path: call.line.split(' ').nth(1).expect("a path").to_owned(),
            body: String::from_utf8(call.body.to_vec()).expect("text"),
            is_repeated: !call.header(crate::destination::REPEATED).is_empty(),
        }
    }
}

/// A server on a port of its own.
pub(crate) struct Backend {
    pub(crate) url: String,
    fake: Fake,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    came: Notify,
    /// The next answers; status 0 never answers.
    answers: Mutex<VecDeque<(u16, &'static str)>>,
    /// What is answered then.
    last: Mutex<(u16, &'static str)>,
}

impl State {
    fn next(&self) -> Answer {
        let (status, text) = self.answers.lock().pop_front().unwrap_or(*self.last.lock());
        self.came.notify_one();
        (status > 0).then(|| (status, text.to_owned()))
    }
}

impl Backend {
    /// Starts a server that gives these answers, and then the last one for ever.
    pub(crate) async fn start(answers: &[(u16, &'static str)]) -> Self {
        let state = Arc::new(State::default());
        state.answers.lock().extend(answers);
        *state.last.lock() = *answers.last().expect("an answer");
        let answering = state.clone();
        let fake = Fake::start(move |_| answering.next()).await;
        Self { url: format!("{}/prefix/", fake.url()), fake, state }
    }

    /// Says what is answered from now on.
    pub(crate) fn answer(&self, answer: (u16, &'static str)) {
        self.state.answers.lock().clear();
        *self.state.last.lock() = answer;
    }

    /// Waits for so many requests in all, and returns them.
    pub(crate) async fn heard(&self, count: usize) -> Vec<Heard> {
        loop {
            let came = self.state.came.notified();
            let calls = self.fake.calls();
            if calls.len() >= count {
                return calls.iter().map(Heard::of).collect();
            }
            came.await;
        }
    }
}
