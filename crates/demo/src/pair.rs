//! The pair: a front-end that asks a back-end for a greeting.

use crate::exchange::{Answer, Trouble};
use crate::role::Role;
use crate::service::Visit;

/// Asks the back-end, and says so when that fails.
pub(crate) async fn front_end(visit: &Visit<'_>) -> Answer {
    visit.work("read", 1..4).await;
    let problem = match visit.call(Role::BackEnd, "GET", "/greeting").await {
        Ok(answer) if answer.is_ok() => return answer,
        Ok(answer) => format!("back-end answered {}", answer.status),
        Err(error) => format!("back-end does not answer: {error}"),
    };
    Answer::failed(
        502,
        Trouble {
            kind: "BackEndUnavailable",
            message: problem.into(),
            stack: &[
                ("front-end/src/greeting.rs", 31, "ask_back_end"),
                ("front-end/src/routes.rs", 12, "get_index"),
            ],
        },
    )
}

/// Greets.
pub(crate) async fn back_end(visit: &Visit<'_>) -> Answer {
    visit.work("greet", 20..60).await;
    Answer::ok(format!("Hello, number {}.", visit.request.number))
}
