//! What went wrong: a few exceptions with the stacks they were thrown from.

use super::super::Work;
use super::text::{decimal, hex, raw};

/// Type, message, and the frames as path, line and label.
type Exception = (&'static str, &'static str, &'static [(&'static str, u64, &'static str)]);

const EXCEPTIONS: [Exception; 4] = [
    (
        "java.sql.SQLTransientConnectionException",
        "shop-pool: connection is not available, request timed out after 30000ms",
        &[
            ("com/zaxxer/hikari/pool/HikariPool.java", 696, "createTimeoutException"),
            ("com/zaxxer/hikari/pool/HikariPool.java", 181, "getConnection"),
            ("example/shop/orders/OrderStore.java", 88, "insert"),
            ("example/shop/orders/OrderService.java", 142, "place"),
            ("example/shop/web/OrderController.java", 57, "post"),
        ],
    ),
    (
        "TypeError",
        "Cannot read properties of undefined (reading 'price')",
        &[
            ("/srv/app/lib/basket.js", 211, "sumOf"),
            ("/srv/app/lib/basket.js", 98, "render"),
            ("/srv/app/routes/index.js", 31, "handler"),
        ],
    ),
    (
        "KeyError",
        "'carrier'",
        &[
            ("/srv/app/shipping/rates.py", 74, "lookup"),
            ("/srv/app/shipping/views.py", 29, "quote"),
            ("/usr/lib/python3.12/site-packages/flask/app.py", 865, "dispatch_request"),
        ],
    ),
    (
        "*url.Error",
        "Post: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        &[
            ("/src/stock/client.go", 133, "(*Client).do"),
            ("/src/stock/reserve.go", 61, "Reserve"),
            ("/src/stock/main.go", 40, "main.handle"),
        ],
    ),
];

/// Writes the cause of a failure that began in this work.
pub(super) fn write(out: &mut Vec<u8>, work: &Work) {
    let (kind, message, stack) = EXCEPTIONS[work.service % EXCEPTIONS.len()];
    raw(out, r#","cause":{"working_directory":"/srv/app","exceptions":[{"id":""#);
    hex(out, work.id.0.rotate_left(32), 16);
    raw(out, r#"","type":""#);
    raw(out, kind);
    raw(out, r#"","message":""#);
    raw(out, message);
    raw(out, r#"","stack":["#);
    for (place, (path, line, label)) in stack.iter().enumerate() {
        raw(out, if place == 0 { r#"{"path":""# } else { r#",{"path":""# });
        raw(out, path);
        raw(out, r#"","line":"#);
        decimal(out, *line);
        raw(out, r#","label":""#);
        raw(out, label);
        raw(out, r#""}"#);
    }
    raw(out, "]}]}");
}
