//! The description of the endpoints, made of the types of their bodies.

use utoipa::OpenApi;

use super::{Answer, Answered, Ask, error};

/// All endpoints. A test compares the paths with the table, and the whole with
/// `docs/console-api.json`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Endpoints of Fluoro's console",
        version = "0",
        license(name = "Apache-2.0"),
        description = "What the console asks beyond the X-Ray API. It changes with the console; \
            programs should use the X-Ray API."
    ),
    paths(
        xray,
        super::info::info,
        document,
        super::traces::count,
        super::search::search,
        super::aggregate::aggregate,
        super::series::series,
        super::typical::typical,
        super::histogram::histogram,
        super::map::map_graph,
        super::map::map_extra,
        super::labels::map_labels,
        super::layout::get,
        super::layout::put,
        super::layout::delete,
        super::analytics::analytics,
    ),
    components(schemas(error::Body<'_>)),
)]
struct Description;

/// The endpoints of the editor, of what is live, and of the settings.
#[derive(OpenApi)]
#[openapi(paths(
    super::expressions::parse,
    super::fields::fields,
    super::fields::values,
    super::ingest::status,
    super::live::live,
    super::retention::retention,
    super::bookmarks::views,
    super::bookmarks::create_view,
    super::bookmarks::update_view,
    super::bookmarks::delete_view,
    super::bookmarks::create_link,
    super::bookmarks::follow_link,
    super::preview::preview,
    super::sampling::dry_run
))]
struct Settings;

/// Returns the description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    description.merge(Settings::openapi());
    description
}

/// Says what endpoints there are.
#[utoipa::path(get, path = "/console/api/openapi.json", operation_id = "openapi",
    responses((status = 200, body = Object)))]
pub(super) fn document(_: &Ask<'_>) -> Answered {
    Ok(Answer::json(&description()))
}

/// Calls an operation of the public API; body and answer are as there.
#[utoipa::path(post, path = "/console/api/xray/{operation}", operation_id = "xray",
    params(("operation" = String, Path, description = "Its name, as in `GetTraceSummaries`.")),
    request_body = Object,
    responses((status = 200, body = Object)))]
#[expect(dead_code, reason = "only described here; the route table answers")]
fn xray() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_name_is_one_thing() {
        let schemas = |of: utoipa::openapi::OpenApi| of.components.expect("components").schemas;
        let (ours, theirs) = (schemas(Settings::openapi()), schemas(Description::openapi()));
        for (name, schema) in &ours {
            if let Some(other) = theirs.get(name) {
                let text = |of| serde_json::to_string(of).expect("JSON");
                assert_eq!(text(schema), text(other), "{name}");
            }
        }
    }
}
