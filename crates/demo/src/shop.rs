//! The shop, a file for each service. Visitors come to `web`; an order goes through `api` to
//! `orders` and `payments`, and over a queue to `worker`.

pub(crate) mod web;

pub(crate) mod api;

pub(crate) mod recommendations;

pub(crate) mod inventory;

pub(crate) mod orders;

pub(crate) mod payments;

pub(crate) mod worker;
