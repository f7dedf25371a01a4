//! Seeded documents like those of a shop of twelve services; the same on every machine.

use wire::{Micros, SegmentId, TraceId};

const SERVICES: [&str; 12] = [
    "front", "cart", "catalog", "checkout", "payment", "shipping", "stock", "search", "users",
    "mail", "prices", "reviews",
];
const TENANT_COUNT: u64 = 200;
const USER_COUNT: u64 = 50_000;
const CALLER_COUNT: u64 = 20_000;

/// One trace: its id, when it was begun, and its documents.
pub(crate) struct Generated {
    pub(crate) id: TraceId,
    pub(crate) start: Micros,
    pub(crate) texts: Vec<String>,
}

/// Returns so many traces, each begun so many microseconds after the one before; sorted by id.
pub(crate) fn traces(count: usize, step_micros: u64) -> Vec<Generated> {
    let mut random = Random(7);
    let start = Micros::from_secs(1_790_000_000);
    let trace = |index: usize| trace(&mut random, Micros(start.0 + index as u64 * step_micros));
    let mut traces: Vec<_> = (0..count).map(trace).collect();
    traces.sort_by_key(|trace| trace.id);
    traces
}

/// The SplitMix64 generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A duration whose magnitude varies: mostly a few milliseconds.
    fn micros(&mut self, typical: u64) -> u64 {
        let scale = 1 << self.below(5);
        typical / 4 + self.below(typical * scale / 4)
    }

    fn id(&mut self) -> SegmentId {
        SegmentId(self.next())
    }
}

/// Who called: the id of the calling subsegment, and when its call began.
struct Call {
    id: SegmentId,
    begin: u64,
    service: usize,
}

struct Context<'r> {
    random: &'r mut Random,
    trace_id: TraceId,
    user: u64,
    tenant: u64,
    order: u64,
    caller: u64,
}

fn trace(random: &mut Random, start: Micros) -> Generated {
    let epoch_secs = u32::try_from(start.0 / Micros::PER_SECOND).expect("a time of this century");
    let bits = u128::from(random.next()) << 64 | u128::from(random.next());
    let id = TraceId::new(epoch_secs, bits);
    let document_count = 2 + random.below(5);
    let (user, tenant) = (random.below(USER_COUNT), random.below(TENANT_COUNT));
    let (order, caller) = (random.below(9_000_000) + 1_000_000, random.below(CALLER_COUNT));
    let mut context = Context { random, trace_id: id, user, tenant, order, caller };
    let mut texts = Vec::new();
    let mut calls = vec![Call { id: SegmentId(0), begin: start.0, service: 0 }];
    for index in 0..document_count {
        let call = calls.remove(0);
        let caller_calls = 1 + usize::from(index == 0 && context.random.chance(50));
        texts.push(document(&mut context, &call, caller_calls, &mut calls));
        if calls.is_empty() {
            break;
        }
    }
    Generated { id, start, texts }
}

/// One document and its calls; each call to a service that sends a document itself is added to
/// `calls`.
fn document(
    context: &mut Context<'_>,
    call: &Call,
    call_count: usize,
    calls: &mut Vec<Call>,
) -> String {
    let service = call.service;
    let id = context.random.id();
    let begin = call.begin + context.random.micros(600);
    let mut now = begin + context.random.micros(300);
    let mut parts = Vec::new();
    for _ in 0..call_count {
        if context.random.chance(70) {
            let end = now + context.random.micros(3_000);
            let callee = 1 + context.random.below(11) as usize;
            let part = context.random.id();
            parts.push(remote(context, part, callee, now, end));
            calls.push(Call { id: part, begin: now, service: callee });
            now = end;
        } else {
            let end = now + context.random.micros(1_500);
            parts.push(leaf(context, service, now, end));
            now = end;
        }
    }
    if calls.is_empty() {
        calls.push(Call { id, begin: now, service: 1 + context.random.below(11) as usize });
    }
    let end = now + context.random.micros(400);
    let (status, flags) = match context.random.chance(1) {
        true => (500, fault(context, service)),
        false => (200, String::new()),
    };
    let parent = match call.id.0 {
        0 => String::new(),
        _ => format!(r#""parent_id":"{}","#, call.id),
    };
    let (name, trace_id) = (SERVICES[service], context.trace_id);
    let (start, end) = (Micros(begin).seconds(), Micros(end).seconds());
    let sections = sections(context, service, status);
    let (annotations, metadata) = (annotations(context, service), metadata(context));
    let parts = parts.join(",");
    format!(
        concat!(
            r#"{{"trace_id":"{trace_id}","id":"{id}",{parent}"name":"{name}","#,
            r#""start_time":{start},"end_time":{end},{flags}"origin":"AWS::ECS::Container","#,
            r#"{sections}"annotations":{{{annotations}}}{metadata},"subsegments":[{parts}]}}"#
        ),
        trace_id = trace_id,
        id = id,
        parent = parent,
        name = name,
        start = start,
        end = end,
        flags = flags,
        sections = sections,
        annotations = annotations,
        metadata = metadata,
        parts = parts,
    )
}

/// The sections about the request, the resource and the program, and the user.
fn sections(context: &mut Context<'_>, service: usize, status: u16) -> String {
    let method = ["GET", "GET", "POST", "PUT"][context.random.below(4) as usize];
    let length = context.random.below(20_000);
    let action = ["items", "summary", "status"][context.random.below(3) as usize];
    let task = context.random.below(4);
    let user = match service {
        0 => format!(r#""user":"user-{}","#, context.user),
        _ => String::new(),
    };
    format!(
        concat!(
            r#""http":{{"request":{{"method":"{method}","#,
            r#""url":"https://{name}.shop.example/v1/{name}/{order}/{action}","#,
            r#""client_ip":"10.{a}.{b}.{c}","user_agent":"{agent}"}},"#,
            r#""response":{{"status":{status},"content_length":{length}}}}},"#,
            r#""aws":{{"ecs":{{"container":"ip-10-0-{service}-{task}.eu-central-1.compute.internal","#,
            r#""container_id":"{task:032x}"}},"#,
            r#""xray":{{"sdk":"X-Ray for Java","sdk_version":"2.15.1","rule_name":"Default"}}}},"#,
            r#""service":{{"version":"1.{service}.4","runtime":"OpenJDK 64-Bit Server VM","#,
            r#""runtime_version":"17.0.9"}},{user}"#
        ),
        method = method,
        name = SERVICES[service],
        order = context.order,
        action = action,
        a = context.caller % 200,
        b = context.caller / 200 % 250,
        c = context.caller % 251,
        agent = AGENTS[(context.caller % 6) as usize],
        status = status,
        length = length,
        service = service,
        task = task,
        user = user,
    )
}

const AGENTS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
    "Apache-HttpClient/5.3.1 (Java/17.0.9)",
];

/// Three of twenty keys: one that two services have in common, one of the service's own, one flag.
fn annotations(context: &mut Context<'_>, service: usize) -> String {
    let own = match service {
        0 => format!(r#""session":"s-{:012x}""#, context.random.next() >> 16),
        1 | 3 => format!(r#""order_id":{}"#, context.order),
        2 | 7 => format!(r#""category":"category-{}""#, context.random.below(60)),
        4 => format!(r#""amount":{}.5"#, context.random.below(400)),
        5 => format!(r#""carrier":"{}""#, ["post", "dhl", "ups"][context.random.below(3) as usize]),
        6 => format!(r#""warehouse":"w{}""#, context.random.below(12)),
        8 => format!(r#""plan":"{}""#, ["free", "pro", "team"][context.random.below(3) as usize]),
        9 => format!(r#""template":"mail-{}""#, context.random.below(25)),
        10 => {
            format!(r#""currency":"{}""#, ["EUR", "USD", "GBP"][context.random.below(3) as usize])
        }
        _ => format!(r#""stars":{}"#, 1 + context.random.below(5)),
    };
    let flag = ["canary", "cached", "express", "beta"][service % 4];
    let on = context.random.chance(15);
    format!(r#""tenant":"tenant-{}",{own},"{flag}":{on}"#, context.tenant)
}

fn metadata(context: &mut Context<'_>) -> String {
    if !context.random.chance(5) {
        return String::new();
    }
    let (count, size) = (context.random.below(9), context.random.below(100_000));
    format!(
        r#","metadata":{{"default":{{"cache":{{"entries":{count},"bytes":{size}}},"feature":"search-v2"}}}}"#
    )
}

fn remote(context: &mut Context<'_>, id: SegmentId, callee: usize, begin: u64, end: u64) -> String {
    let name = SERVICES[callee];
    let length = context.random.below(20_000);
    format!(
        concat!(
            r#"{{"id":"{id}","name":"{name}.shop.example","start_time":{begin},"end_time":{end},"namespace":"remote","#,
            r#""http":{{"request":{{"method":"GET","url":"https://{name}.shop.example/v1/{name}/{order}"}},"#,
            r#""response":{{"status":200,"content_length":{length}}}}}}}"#
        ),
        id = id,
        name = name,
        begin = Micros(begin).seconds(),
        end = Micros(end).seconds(),
        order = context.order,
        length = length,
    )
}

/// A call to a database, or an AWS call.
fn leaf(context: &mut Context<'_>, service: usize, begin: u64, end: u64) -> String {
    let (id, name) = (context.random.id(), SERVICES[service]);
    let (begin, end) = (Micros(begin).seconds(), Micros(end).seconds());
    if context.random.chance(50) {
        let column = ["id", "owner", "state"][context.random.below(3) as usize];
        return format!(
            concat!(
                r#"{{"id":"{id}","name":"{name}@db.shop.internal","start_time":{begin},"end_time":{end},"namespace":"remote","#,
                r#""sql":{{"url":"jdbc:postgresql://db.shop.internal:5432/{name}","sanitized_query":"SELECT * FROM {name} WHERE {column} = ? ORDER BY created LIMIT ?","#,
                r#""database_type":"PostgreSQL","database_version":"15.4","driver_version":"42.7.3","user":"{name}","preparation":"statement"}}}}"#
            ),
            id = id,
            name = name,
            begin = begin,
            end = end,
            column = column,
        );
    }
    let request = context.random.next();
    format!(
        concat!(
            r#"{{"id":"{id}","name":"DynamoDB","start_time":{begin},"end_time":{end},"namespace":"aws","#,
            r#""http":{{"response":{{"status":200,"content_length":{length}}}}},"#,
            r#""aws":{{"operation":"{operation}","region":"eu-central-1","table_name":"{name}","request_id":"{request:016X}{request:010X}","retries":0}}}}"#
        ),
        id = id,
        begin = begin,
        end = end,
        length = request % 3_000,
        operation = ["GetItem", "Query", "PutItem"][(request % 3) as usize],
        name = name,
        request = request,
    )
}

fn fault(context: &mut Context<'_>, service: usize) -> String {
    let kind = ["TimeoutException", "IllegalStateException", "PaymentDeclined"];
    let kind = kind[context.random.below(3) as usize];
    let (id, name) = (context.random.id(), SERVICES[service]);
    let frame = |depth: u64| {
        let label = format!("com.shop.{name}.Handler{depth}.handle");
        format!(r#"{{"path":"Handler{depth}.java","line":{},"label":"{label}"}}"#, 40 + depth * 7)
    };
    let stack: Vec<_> = (0..12 + context.random.below(12)).map(frame).collect();
    format!(
        concat!(
            r#""fault":true,"cause":{{"working_directory":"/srv/app","exceptions":[{{"id":"{id}","#,
            r#""message":"order {order} failed","type":"com.shop.{kind}","remote":false,"stack":[{stack}]}}]}},"#
        ),
        id = id,
        order = context.order,
        kind = kind,
        stack = stack.join(","),
    )
}
